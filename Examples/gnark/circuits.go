// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"

	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/std/rangecheck"
)

// circuits are those of `-circuit`: what is compiled, and values that satisfy it. A program that solves has to have the
// hints of a circuit, which r1cs.bin only names: packages of gadgets register theirs where they are imported.
var circuits = map[string]struct{ circuit, assignment frontend.Circuit }{
	"plain": {&Plain{}, &Plain{X: 35, Z: 21, Y: 3, W: 7}},
	"range": {&Range{}, &Range{Sum: 15 + 1<<32, V: [4]frontend.Variable{1, 7, 8, 1<<32 - 1}}},
	"two":   {&Two{}, &Two{P: 15, Q: 8, A: 3, B: 5}},
}

// Plain has no commitment: X = Y³ + Y + 5 and Z = W·Y.
type Plain struct {
	X, Z frontend.Variable `gnark:",public"`
	Y, W frontend.Variable
}

func (c *Plain) Define(api frontend.API) error {
	api.AssertIsEqual(c.X, api.Add(api.Mul(c.Y, c.Y, c.Y), c.Y, 5))
	api.AssertIsEqual(c.Z, api.Mul(c.W, c.Y))
	return nil
}

// Range has one commitment, which gnark's range checker makes: each V has 32 bits, and Sum is their sum.
type Range struct {
	Sum frontend.Variable `gnark:",public"`
	V   [4]frontend.Variable
}

func (c *Range) Define(api frontend.API) error {
	checker := rangecheck.New(api)
	sum := frontend.Variable(0)
	for _, v := range c.V {
		checker.Check(v, 32)
		sum = api.Add(sum, v)
	}
	api.AssertIsEqual(c.Sum, sum)
	return nil
}

// Two has two commitments. The first hashes the public input P, the second Q and the first one's challenge:
// A·B = P, A + B = Q, and with the challenges c and d also (c + A)·(d + B) = c·d + c·B + d·A + P.
type Two struct {
	P, Q frontend.Variable `gnark:",public"`
	A, B frontend.Variable
}

func (c *Two) Define(api frontend.API) error {
	committer, ok := api.(frontend.Committer)
	if !ok {
		return errors.New("this backend has no commitments")
	}
	first, err := committer.Commit(c.A, c.P)
	if err != nil {
		return err
	}
	second, err := committer.Commit(c.B, first, c.Q)
	if err != nil {
		return err
	}
	api.AssertIsEqual(c.P, api.Mul(c.A, c.B))
	api.AssertIsEqual(c.Q, api.Add(c.A, c.B))
	api.AssertIsEqual(
		api.Mul(api.Add(first, c.A), api.Add(second, c.B)),
		api.Add(api.Mul(first, second), api.Mul(first, c.B), api.Mul(second, c.A), c.P))
	return nil
}
