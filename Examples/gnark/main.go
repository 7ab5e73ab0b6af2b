// SPDX-License-Identifier: Apache-2.0

// Exports solutions of gnark's solver, which martlet proves; README.md has the commands.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/backend"
	"github.com/consensys/gnark/backend/groth16"
	"github.com/consensys/gnark/backend/witness"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/frontend/cs/r1cs"
	"golang.org/x/crypto/sha3"
)

const usage = `usage: go run . setup  [-curve bn254|bls12381] [-circuit plain|range|two] FOLDER
       go run . wires  [-curve bn254|bls12381] [-hash sha256|keccak256] FOLDER
       go run . verify [-curve bn254|bls12381] [-hash sha256|keccak256] FOLDER
`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) == 0 {
		return errors.New(usage)
	}
	options := flag.NewFlagSet(arguments[0], flag.ContinueOnError)
	options.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	curve := options.String("curve", "bn254", "")
	name := options.String("circuit", "range", "")
	hashName := options.String("hash", "sha256", "")
	if err := options.Parse(arguments[1:]); err != nil {
		return err
	}
	curves := map[string]ecc.ID{"bn254": ecc.BN254, "bls12381": ecc.BLS12_381}
	hashes := map[string]hash.Hash{"sha256": nil, "keccak256": sha3.NewLegacyKeccak256()}
	id, known := curves[*curve]
	h, knownHash := hashes[*hashName]
	if !known || !knownHash || options.NArg() != 1 {
		return errors.New(usage)
	}
	folder := options.Arg(0)
	switch arguments[0] {
	case "setup":
		return setup(id, *name, folder)
	case "wires":
		return wires(id, h, folder)
	case "verify":
		return verify(id, h, folder)
	}
	return errors.New(usage)
}

// setup makes keys for tests, whose maker could forge proofs, and writes pk.bin, vk.bin, r1cs.bin and witness.bin.
func setup(curve ecc.ID, name, folder string) error {
	chosen, known := circuits[name]
	if !known {
		return errors.New(usage)
	}
	system, err := frontend.Compile(curve.ScalarField(), r1cs.NewBuilder, chosen.circuit)
	if err != nil {
		return err
	}
	full, err := frontend.NewWitness(chosen.assignment, curve.ScalarField())
	if err != nil {
		return err
	}
	pk, vk, err := groth16.Setup(system)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	write := func(name string, contents func(io.Writer) (int64, error)) error {
		return writeFile(filepath.Join(folder, name), func(out io.Writer) error {
			_, err := contents(out)
			return err
		})
	}
	// martlet reads a key without compression some thirty times as fast as a compressed one.
	return errors.Join(
		write("pk.bin", pk.WriteRawTo), write("vk.bin", vk.WriteTo), write("r1cs.bin", system.WriteTo),
		write("witness.bin", full.WriteTo))
}

// wires reads pk.bin, r1cs.bin and witness.bin, which has secret values too, and writes wires.txt.
func wires(curve ecc.ID, h hash.Hash, folder string) error {
	pk, system := groth16.NewProvingKey(curve), groth16.NewCS(curve)
	full, err := witness.New(curve.ScalarField())
	if err != nil {
		return err
	}
	for name, into := range map[string]io.ReaderFrom{"pk.bin": pk, "r1cs.bin": system, "witness.bin": full} {
		if err := readFile(filepath.Join(folder, name), into); err != nil {
			return err
		}
	}
	return writeFile(filepath.Join(folder, "wires.txt"), func(out io.Writer) error {
		return writeWires(out, system, pk, full, h)
	})
}

// verify reads vk.bin, and proof.bin and public.bin of `martlet prove --proof-format gnark`; gnark verifies.
func verify(curve ecc.ID, h hash.Hash, folder string) error {
	vk, proof := groth16.NewVerifyingKey(curve), groth16.NewProof(curve)
	public, err := witness.New(curve.ScalarField())
	if err != nil {
		return err
	}
	for name, into := range map[string]io.ReaderFrom{"vk.bin": vk, "proof.bin": proof, "public.bin": public} {
		if err := readFile(filepath.Join(folder, name), into); err != nil {
			return err
		}
	}
	var options []backend.VerifierOption
	if h != nil {
		options = append(options, backend.WithVerifierHashToFieldFunction(h))
	}
	if err := groth16.Verify(proof, vk, public, options...); err != nil {
		return err
	}
	fmt.Println("gnark says: valid")
	return nil
}

func readFile(path string, into io.ReaderFrom) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := into.ReadFrom(bufio.NewReader(file)); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// writeFile makes a file that only its owner reads, since witnesses and wires are secret, and that is there only when
// it is whole.
func writeFile(path string, contents func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	buffered := bufio.NewWriter(file)
	if err := errors.Join(contents(buffered), buffered.Flush(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
