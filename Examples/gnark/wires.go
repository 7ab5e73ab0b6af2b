// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"hash"
	"io"
	"math/big"

	fr_bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
	hash_bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381/fr/hash_to_field"
	fr_bn254 "github.com/consensys/gnark-crypto/ecc/bn254/fr"
	hash_bn254 "github.com/consensys/gnark-crypto/ecc/bn254/fr/hash_to_field"
	"github.com/consensys/gnark/backend/groth16"
	groth16_bls12381 "github.com/consensys/gnark/backend/groth16/bls12-381"
	groth16_bn254 "github.com/consensys/gnark/backend/groth16/bn254"
	"github.com/consensys/gnark/backend/witness"
	"github.com/consensys/gnark/constraint"
	cs_bls12381 "github.com/consensys/gnark/constraint/bls12-381"
	cs_bn254 "github.com/consensys/gnark/constraint/bn254"
	"github.com/consensys/gnark/constraint/solver"
	"github.com/consensys/gnark/frontend/cs"
)

// writeWires solves a circuit and writes a line `number value` for each wire, canonical and in decimal, in gnark's
// order: the constant one, public inputs, secret ones, internal wires.
//
// gnark's solver has no value for a commitment's challenge: its prover makes it, from the proving key, and so does
// this. The hash is what the verifier will take; nil is gnark's own, with SHA-256.
//
// Fails where the key has another number of commitments than the constraint system, where the witness violates a
// constraint (the solver names the first), and where out does.
func writeWires(
	out io.Writer, r1cs constraint.ConstraintSystem, key groth16.ProvingKey, full witness.Witness, h hash.Hash,
) error {
	// What curves differ in: how many commitments a key has, one of them as x and y in big-endian bytes, and the hash.
	var keys int
	var commit func(k int, values []*big.Int) ([]byte, error)
	var standard hash.Hash
	switch key := key.(type) {
	case *groth16_bn254.ProvingKey:
		keys = len(key.CommitmentKeys)
		commit = func(k int, values []*big.Int) ([]byte, error) {
			point, err := key.CommitmentKeys[k].Commit(elements[fr_bn254.Element](values))
			return point.Marshal(), err
		}
		standard = hash_bn254.New([]byte(constraint.CommitmentDst))
	case *groth16_bls12381.ProvingKey:
		keys = len(key.CommitmentKeys)
		commit = func(k int, values []*big.Int) ([]byte, error) {
			point, err := key.CommitmentKeys[k].Commit(elements[fr_bls12381.Element](values))
			return point.Marshal(), err
		}
		standard = hash_bls12381.New([]byte(constraint.CommitmentDst))
	default:
		return fmt.Errorf("a proving key for %s is not read by martlet", key.CurveID())
	}
	if h == nil {
		h = standard
	}

	commitments, ok := r1cs.GetCommitments().(constraint.Groth16Commitments)
	if !ok || len(commitments) != keys {
		return fmt.Errorf("the key has %d commitments, the constraint system %d", keys, len(commitments))
	}
	// in is the commitment's number, the values that are hashed, and those that are committed to.
	challenge := func(_ *big.Int, in, result []*big.Int) error {
		k, values := int(in[0].Int64()), in[1:]
		hashed := len(commitments[k].PublicAndCommitmentCommitted)
		point, err := commit(k, values[hashed:])
		if err != nil {
			return err
		}
		h.Reset()
		// A scalar has 32 bytes on both curves.
		h.Write(constraint.SerializeCommitment(point, values[:hashed], fr_bn254.Bytes))
		result[0].SetBytes(h.Sum(nil))
		return nil
	}
	solution, err := r1cs.Solve(
		full, solver.OverrideHint(solver.GetHintID(cs.Bsb22CommitmentComputePlaceholder), challenge))
	if err != nil {
		return err
	}

	lines := bufio.NewWriter(out)
	switch solution := solution.(type) {
	case *cs_bn254.R1CSSolution:
		writeLines(lines, solution.W)
	case *cs_bls12381.R1CSSolution:
		writeLines(lines, solution.W)
	default:
		return fmt.Errorf("no solution of a Groth16 circuit: %T", solution)
	}
	return lines.Flush()
}

// element is a pointer to a scalar of one of the curves.
type element[E any] interface {
	*E
	SetBigInt(*big.Int) *E
	BigInt(*big.Int) *big.Int
}

func elements[E any, P element[E]](values []*big.Int) []E {
	result := make([]E, len(values))
	for i, value := range values {
		P(&result[i]).SetBigInt(value)
	}
	return result
}

// writeLines goes by way of integers, since gnark prints elements just below the group order with a minus sign.
// A failure to write is kept by the writer until Flush.
func writeLines[E any, P element[E]](lines *bufio.Writer, wires []E) {
	var value big.Int
	for i := range wires {
		fmt.Fprintln(lines, i, P(&wires[i]).BigInt(&value))
	}
}
