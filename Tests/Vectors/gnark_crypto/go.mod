module martlet.invalid/vectors

go 1.25.7

require github.com/consensys/gnark-crypto v0.20.2-0.20260724130821-e07d4d57dbc4
