# SPDX-License-Identifier: Apache-2.0
# What zsh makes of lines when the key for completion is pressed behind each.
#
#   zsh -f complete.zsh FOLDER LINE…
#
# FOLDER has _martlet, and martlet is on PATH. An interactive shell runs on a terminal of its own; what it has in its line after the
# key is printed, a line each.
zmodload zsh/zpty || exit 3
folder=$1
shift

zpty shell 'TERM=dumb zsh -f -i'
zpty -w shell "fpath=(${(q)folder} \$fpath); autoload -Uz compinit; compinit -D -u; setopt no_beep no_list_beep"
zpty -w shell 'tell() { print -r -- "=""<$BUFFER>""="; BUFFER=; }; zle -N tell; bindkey "^X" tell; bindkey "^I" complete-word'
for line; do
    zpty -w -n shell "$line"$'\t\x18'
    said=
    while [[ $said != *'>='* ]] && zpty -r shell part '*>='; do said+=$part; done
    print -r -- "${${said##*=<}%%>=*}"
done
zpty -d shell
