// SPDX-License-Identifier: Apache-2.0

// Known-answer vectors for BLS12-377, Grumpkin and BabyJubJub from gnark-crypto. README.md beside this file says what they mean.
//
//	go run . [-seed TEXT] [-out DIR]
//
// The output depends on the seed and on gnark-crypto alone: every random number comes from SHA-256 in counter mode.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strconv"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-377"
	"github.com/consensys/gnark-crypto/ecc/bls12-377/fp"
	"github.com/consensys/gnark-crypto/ecc/bls12-377/fr"
	bnfr "github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254/twistededwards"
	"github.com/consensys/gnark-crypto/ecc/grumpkin"
	grfp "github.com/consensys/gnark-crypto/ecc/grumpkin/fp"
	grfr "github.com/consensys/gnark-crypto/ecc/grumpkin/fr"
)

const origin = "Tests/Vectors/gnark_crypto/generate.go, gnark-crypto v0.20.2-0.20260724130821-e07d4d57dbc4"

var seed string

// stream gives integers from SHA-256(seed, label, counter).
type stream struct {
	prefix  string
	counter int
}

func newStream(label string) *stream { return &stream{prefix: seed + "/" + label + "/"} }

func (s *stream) below(bound *big.Int) *big.Int {
	size := (bound.BitLen() + 128 + 7) / 8
	var out []byte
	for len(out) < size {
		digest := sha256.Sum256([]byte(s.prefix + strconv.Itoa(s.counter)))
		out = append(out, digest[:]...)
		s.counter++
	}
	return new(big.Int).Mod(new(big.Int).SetBytes(out[:size]), bound)
}

func must(ok bool, what string) {
	if !ok {
		panic(what)
	}
}

func integer(n int64) *big.Int { return big.NewInt(n) }

func plus(a *big.Int, n int64) *big.Int { return new(big.Int).Add(a, integer(n)) }

// object is an ordered JSON object.
type object []member

type member struct {
	key   string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			out.WriteString(", ")
		}
		key, _ := json.Marshal(m.key)
		value, err := encode(m.value)
		if err != nil {
			return nil, err
		}
		out.Write(key)
		out.WriteString(": ")
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

func encode(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSpace(out.Bytes()), err
}

// MARK: Prime fields

// element is what fp.Element and fr.Element have in common.
type element[E any] interface {
	*E
	SetBigInt(*big.Int) *E
	BigInt(*big.Int) *big.Int
	Add(*E, *E) *E
	Sub(*E, *E) *E
	Neg(*E) *E
	Mul(*E, *E) *E
	Square(*E) *E
	Div(*E, *E) *E
	Inverse(*E) *E
	Exp(E, *big.Int) *E
	Sqrt(*E) *E
}

func fieldVectors[E any, P element[E]](name string, p *big.Int) object {
	s := newStream("fields/" + name)
	top := new(big.Int).Lsh(integer(1), uint(p.BitLen()-1))
	word := new(big.Int).Lsh(integer(1), 64)
	half := new(big.Int).Rsh(p, 1)
	last := plus(p, -1)
	pairs := [][2]*big.Int{
		{integer(0), integer(0)}, {integer(0), integer(1)}, {integer(1), integer(1)}, {last, last}, {last, integer(1)},
		{integer(1), last}, {plus(p, -2), last}, {integer(0), last}, {half, plus(half, 1)}, {half, half},
	}
	for _, edge := range []*big.Int{integer(1), last, plus(p, -2), plus(word, -1), word, plus(top, -1), top} {
		pairs = append(pairs, [2]*big.Int{edge, s.below(p)})
	}
	for range 8 {
		pairs = append(pairs, [2]*big.Int{s.below(p), s.below(p)})
	}
	var entries []any
	for _, pair := range pairs {
		a, b, r := P(new(E)), P(new(E)), P(new(E))
		a.SetBigInt(pair[0])
		b.SetBigInt(pair[1])
		text := func() string { return r.BigInt(new(big.Int)).String() }
		entry := object{{"a", pair[0].String()}, {"b", pair[1].String()}}
		r.Add(a, b)
		entry = append(entry, member{"sum", text()})
		r.Sub(a, b)
		entry = append(entry, member{"difference", text()})
		r.Neg(a)
		entry = append(entry, member{"negation_a", text()})
		r.Mul(a, b)
		entry = append(entry, member{"product", text()})
		r.Square(a)
		entry = append(entry, member{"square_a", text()})
		var quotient, inverse, root any
		if pair[1].Sign() != 0 {
			r.Div(a, b)
			quotient = text()
		}
		if pair[0].Sign() != 0 {
			r.Inverse(a)
			inverse = text()
		}
		entry = append(entry, member{"quotient", quotient}, member{"inverse_a", inverse})
		r.Exp(*a, pair[1])
		entry = append(entry, member{"power_a_b", text()})
		if r.Sqrt(a) != nil {
			n := r.BigInt(new(big.Int))
			if other := new(big.Int).Sub(p, n); n.Sign() != 0 && other.Cmp(n) < 0 {
				n = other
			}
			root = n.String()
		}
		entries = append(entries, append(entry, member{"square_root_a", root}))
	}
	return object{{"modulus", p.String()}, {"entries", entries}}
}

// MARK: Towers

func json1(a fp.Element) string { return a.BigInt(new(big.Int)).String() }

func json2(a bls.E2) any { return []any{json1(a.A0), json1(a.A1)} }

func json6(a bls.E6) any { return []any{json2(a.B0), json2(a.B1), json2(a.B2)} }

func json12(a bls.E12) any { return []any{json6(a.C0), json6(a.C1)} }

func random1(s *stream) (r fp.Element) {
	r.SetBigInt(s.below(fp.Modulus()))
	return
}

func random2(s *stream) bls.E2 { return bls.E2{A0: random1(s), A1: random1(s)} }

func random6(s *stream) bls.E6 { return bls.E6{B0: random2(s), B1: random2(s), B2: random2(s)} }

func random12(s *stream) bls.E12 { return bls.E12{C0: random6(s), C1: random6(s)} }

func power2(a bls.E2, k *big.Int) (r bls.E2) {
	r.Exp(a, k)
	return
}

func towerVectors() object {
	p := fp.Modulus()
	var one, last fp.Element
	one.SetOne()
	last.SetBigInt(plus(p, -1))
	s := newStream("towers/fp2")
	edges := []bls.E2{
		{}, {A0: one}, {A1: one}, {A0: last}, {A1: last}, {A0: last, A1: last}, {A0: one, A1: last},
		{A0: random1(s)}, {A1: random1(s)},
	}
	var fp2 []any
	for i := range 20 {
		a, b := random2(s), random2(s)
		if i < len(edges) {
			a = edges[i]
		} else if i%2 == 1 {
			a.Square(&a)
		}
		if i == 1 {
			b = a
		}
		var sum, difference, product, square, inverse bls.E2
		sum.Add(&a, &b)
		difference.Sub(&a, &b)
		product.Mul(&a, &b)
		square.Square(&a)
		var inverseJSON, root any
		if !a.IsZero() {
			inverse.Inverse(&a)
			inverseJSON = json2(inverse)
		}
		// By Euler's criterion; what gnark-crypto calls a root is checked.
		exponent := new(big.Int).Rsh(plus(new(big.Int).Mul(p, p), -1), 1)
		criterion := power2(a, exponent)
		isSquare := a.IsZero() || criterion.IsOne()
		must(isSquare == (a.IsZero() || a.Legendre() == 1), "Legendre")
		if isSquare {
			var r, again bls.E2
			r.Sqrt(&a)
			again.Square(&r)
			must(again.Equal(&a), "root")
			root = json2(r)
		}
		fp2 = append(fp2, object{
			{"a", json2(a)}, {"b", json2(b)}, {"sum", json2(sum)}, {"difference", json2(difference)},
			{"product", json2(product)}, {"square_a", json2(square)}, {"inverse_a", inverseJSON},
			{"frobenius_a", json2(power2(a, p))}, {"is_square_a", isSquare}, {"square_root_a", root},
		})
	}
	s = newStream("towers/fp12")
	var fp12 []any
	unit := bls.E12{}
	unit.SetOne()
	sextic := func() bls.E12 { return bls.E12{C0: random6(s)} }
	v := bls.E12{C0: bls.E6{B1: bls.E2{A0: one}}}
	w := bls.E12{C1: bls.E6{B0: bls.E2{A0: one}}}
	all := bls.E2{A0: last, A1: last}
	six := bls.E6{B0: all, B1: all, B2: all}
	pairs := [][2]bls.E12{
		{{}, random12(s)}, {unit, random12(s)}, {v, sextic()}, {w, w}, {sextic(), sextic()}, {sextic(), sextic()},
		{{C0: six, C1: six}, {C0: six, C1: six}}, {{C1: random6(s)}, random12(s)},
	}
	for range 6 {
		pairs = append(pairs, [2]bls.E12{random12(s), random12(s)})
	}
	for _, pair := range pairs {
		a, b := pair[0], pair[1]
		var sum, difference, product, square, inverse, conjugate bls.E12
		sum.Add(&a, &b)
		difference.Sub(&a, &b)
		product.Mul(&a, &b)
		square.Square(&a)
		conjugate.Conjugate(&a)
		var inverseJSON any
		zero := bls.E12{}
		if !a.Equal(&zero) {
			inverse.Inverse(&a)
			inverseJSON = json12(inverse)
		}
		// Powers by squaring and multiplying alone; gnark-crypto's Frobenius maps must agree.
		var frobenius [7]bls.E12
		frobenius[0] = a
		for k := 1; k < 7; k++ {
			frobenius[k] = power12(frobenius[k-1], p)
		}
		var known bls.E12
		known.Frobenius(&a)
		must(known.Equal(&frobenius[1]), "frobenius")
		known.FrobeniusSquare(&a)
		must(known.Equal(&frobenius[2]), "frobenius squared")
		must(conjugate.Equal(&frobenius[6]), "conjugate")
		fp12 = append(fp12, object{
			{"a", json12(a)}, {"b", json12(b)}, {"sum", json12(sum)}, {"difference", json12(difference)},
			{"product", json12(product)}, {"square_a", json12(square)}, {"inverse_a", inverseJSON},
			{"frobenius_a", []any{json12(frobenius[1]), json12(frobenius[2]), json12(frobenius[3])}},
			{"conjugate_a", json12(conjugate)},
		})
	}
	return object{{"xi", []any{"0", "1"}}, {"fp2", fp2}, {"fp12", fp12}}
}

func power12(a bls.E12, k *big.Int) bls.E12 {
	var r bls.E12
	r.SetOne()
	for i := k.BitLen() - 1; i >= 0; i-- {
		r.Square(&r)
		if k.Bit(i) == 1 {
			r.Mul(&r, &a)
		}
	}
	return r
}

// MARK: Groups

// jacobian is what the points of both groups have in common; J in Jacobian, A in affine coordinates.
type jacobian[J, A any] interface {
	*J
	AddAssign(*J) *J
	DoubleAssign() *J
	Neg(*J) *J
	FromAffine(*A) *J
}

type group[J, A any, P jacobian[J, A]] struct {
	order     *big.Int
	name      string
	generator J
	affine    func(J) A
	isOnCurve func(A) bool
	json      func(A) any // null for the identity
	at        func(*stream) A
	neg       func(A) A
	cofactor  *big.Int
	factors   []int64
	offCurve  []any
	b         any
}

func (g *group[J, A, P]) identity() (r J) {
	// Z is zero.
	return
}

func (g *group[J, A, P]) add(p, q J) J {
	r := p
	P(&r).AddAssign(&q)
	return r
}

// mul adds and doubles: the library's own takes endomorphisms, which points outside of the subgroup do not have.
func (g *group[J, A, P]) mul(p J, k *big.Int) J {
	r := g.identity()
	for i := k.BitLen() - 1; i >= 0; i-- {
		P(&r).DoubleAssign()
		if k.Bit(i) == 1 {
			r = g.add(r, p)
		}
	}
	return r
}

func (g *group[J, A, P]) negated(p J) J {
	r := p
	P(&r).Neg(&p)
	return r
}

func (g *group[J, A, P]) point(p J) any {
	a := g.affine(p)
	return g.json(a)
}

func (g *group[J, A, P]) isIdentity(p J) bool { return g.json(g.affine(p)) == nil }

func (g *group[J, A, P]) vectors() object {
	r := g.order
	s := newStream("curves/" + g.name)
	random := func() J { return g.mul(g.generator, plus(s.below(plus(r, -1)), 1)) }
	o, generator := g.identity(), g.generator
	a, b := random(), random()
	double := func(p J) J { return g.add(p, p) }
	word := new(big.Int).Lsh(integer(1), 64)
	type sum struct {
		label string
		p, q  J
		k     *big.Int
	}
	cases := []sum{
		{"identity + identity, k = 0", o, o, integer(0)},
		{"generator + identity, k = 0", generator, o, integer(0)},
		{"identity + generator, k random", o, generator, s.below(r)},
		{"p + p, k = 1", generator, generator, integer(1)},
		{"p + (-p), k = r - 1", generator, g.negated(generator), plus(r, -1)},
		{"random p, p + p, k = r", a, a, r},
		{"random p, p + (-p), k = 2", a, g.negated(a), integer(2)},
		{"p + 2p, k = (r - 1)/2", a, double(a), new(big.Int).Rsh(r, 1)},
		{"2p + p, k = 2^64 - 1", double(b), b, plus(word, -1)},
		{"2p + (-p), k = 2^64", double(b), g.negated(b), word},
	}
	for range 5 {
		cases = append(cases, sum{"random", random(), random(), s.below(r)})
	}
	var entries []any
	for _, c := range cases {
		entries = append(entries, object{
			{"case", c.label}, {"p", g.point(c.p)}, {"q", g.point(c.q)}, {"sum", g.point(g.add(c.p, c.q))},
			{"double_p", g.point(double(c.p))}, {"negation_p", g.point(g.negated(c.p))}, {"k", c.k.String()},
			{"product", g.point(g.mul(c.p, c.k))},
		})
	}
	order := new(big.Int).Mul(g.cofactor, r)
	onCurve := func() J {
		var p J
		a := g.at(s)
		must(g.isOnCurve(a), "on the curve")
		P(&p).FromAffine(&a)
		return p
	}
	type outsider struct {
		label string
		p     J
	}
	outsiders := []outsider{}
	for range 4 {
		if g.cofactor.Cmp(integer(1)) == 0 {
			break
		}
		outsiders = append(outsiders, outsider{"random x", onCurve()})
	}
	for _, factor := range g.factors {
		f := integer(factor)
		small := g.identity()
		for g.isIdentity(small) {
			full := new(big.Int).Set(order)
			for new(big.Int).Mod(full, f).Sign() == 0 {
				full.Div(full, f)
			}
			small = g.mul(onCurve(), full)
			for !g.isIdentity(small) && !g.isIdentity(g.mul(small, f)) {
				small = g.mul(small, f)
			}
		}
		outsiders = append(outsiders,
			outsider{fmt.Sprintf("of order %d", factor), small},
			outsider{fmt.Sprintf("generator + a point of order %d", factor), g.add(generator, small)})
	}
	outside := []any{}
	for _, c := range outsiders {
		multiple := g.mul(c.p, r)
		must(!g.isIdentity(multiple), "outside of the subgroup")
		must(g.isIdentity(g.mul(c.p, order)), "order of the curve")
		outside = append(outside, object{
			{"case", c.label}, {"p", g.point(c.p)}, {"in_subgroup", false}, {"order_times_p", g.point(multiple)},
			{"cofactor_times_p", g.point(g.mul(c.p, g.cofactor))},
		})
	}
	return object{
		{"generator", g.point(generator)}, {"coefficient_b", g.b}, {"cofactor", g.cofactor.String()},
		{"entries", entries}, {"not_in_subgroup", outside}, {"not_on_curve", g.offCurve},
	}
}

// MARK: The two groups

func cofactors() (*big.Int, *big.Int) {
	p, r := fp.Modulus(), fr.Modulus()
	x := new(big.Int).SetUint64(0x8508c00000000001)
	t := plus(x, 1)
	n1 := new(big.Int).Sub(plus(p, 1), t)
	h1, rest := new(big.Int).DivMod(n1, r, new(big.Int))
	must(rest.Sign() == 0, "order of G1")
	t2 := new(big.Int).Sub(new(big.Int).Mul(t, t), new(big.Int).Lsh(p, 1))
	pp := new(big.Int).Mul(p, p)
	square := new(big.Int).Div(new(big.Int).Sub(new(big.Int).Lsh(pp, 2), new(big.Int).Mul(t2, t2)), integer(3))
	f := new(big.Int).Sqrt(square)
	must(new(big.Int).Mul(f, f).Cmp(square) == 0, "f")
	f.Mul(f, integer(3))
	for _, sign := range []int64{1, -1} {
		for _, other := range []int64{1, -1} {
			trace := new(big.Int).Add(new(big.Int).Mul(t2, integer(sign)), new(big.Int).Mul(f, integer(other)))
			order := new(big.Int).Sub(plus(pp, 1), trace.Rsh(trace, 1))
			h2, rest := new(big.Int).DivMod(order, r, new(big.Int))
			if rest.Sign() == 0 {
				return h1, h2
			}
		}
	}
	panic("no order of G2")
}

func point1(a bls.G1Affine) any {
	if a.IsInfinity() {
		return nil
	}
	return []any{json1(a.X), json1(a.Y)}
}

func point2(a bls.G2Affine) any {
	if a.IsInfinity() {
		return nil
	}
	return []any{json2(a.X), json2(a.Y)}
}

func g1(h *big.Int) *group[bls.G1Jac, bls.G1Affine, *bls.G1Jac] {
	generator, _, base, _ := bls.Generators()
	_, b := bls.CurveCoefficients()
	off := func(label string, x, y fp.Element) any {
		a := bls.G1Affine{X: x, Y: y}
		must((x.IsZero() && y.IsZero()) || !a.IsOnCurve(), "off the curve")
		return object{{"case", label}, {"p", []any{json1(x), json1(y)}}}
	}
	var up, zero, one fp.Element
	one.SetOne()
	up.Add(&base.Y, &one)
	return &group[bls.G1Jac, bls.G1Affine, *bls.G1Jac]{
		order: fr.Modulus(), name: "bls12_377/g1", generator: generator, cofactor: h, factors: []int64{2, 3, 7, 13, 499}, b: json1(b),
		affine: func(p bls.G1Jac) (a bls.G1Affine) {
			a.FromJacobian(&p)
			return
		},
		isOnCurve: func(a bls.G1Affine) bool { return a.IsOnCurve() },
		json:      point1,
		at: func(s *stream) bls.G1Affine {
			for {
				x := random1(s)
				var y fp.Element
				y.Square(&x).Mul(&y, &x).Add(&y, &b)
				if y.Sqrt(&y) != nil {
					return bls.G1Affine{X: x, Y: y}
				}
			}
		},
		offCurve: []any{
			off("(0, 0)", zero, zero), off("generator, y + 1", base.X, up), off("generator, swapped", base.Y, base.X),
			off("random y", base.X, random1(newStream("curves/off/g1"))),
		},
	}
}

func g2(h *big.Int) *group[bls.G2Jac, bls.G2Affine, *bls.G2Jac] {
	_, generator, _, base := bls.Generators()
	// 1/u; the generator, and whatever has a root with it, is on the curve by gnark-crypto's own check.
	var b bls.E2
	b.A1.SetOne()
	b.Inverse(&b)
	off := func(label string, x, y bls.E2) any {
		a := bls.G2Affine{X: x, Y: y}
		must((x.IsZero() && y.IsZero()) || !a.IsOnCurve(), "off the curve")
		return object{{"case", label}, {"p", []any{json2(x), json2(y)}}}
	}
	var up, zero, one bls.E2
	one.SetOne()
	up.Add(&base.Y, &one)
	swap := func(a bls.E2) bls.E2 { return bls.E2{A0: a.A1, A1: a.A0} }
	return &group[bls.G2Jac, bls.G2Affine, *bls.G2Jac]{
		order: fr.Modulus(), name: "bls12_377/g2", generator: generator, cofactor: h, b: json2(b),
		affine: func(p bls.G2Jac) (a bls.G2Affine) {
			a.FromJacobian(&p)
			return
		},
		isOnCurve: func(a bls.G2Affine) bool { return a.IsOnCurve() },
		json:      point2,
		at: func(s *stream) bls.G2Affine {
			for {
				x := random2(s)
				var y bls.E2
				y.Square(&x).Mul(&y, &x).Add(&y, &b)
				if y.Legendre() == 1 {
					y.Sqrt(&y)
					return bls.G2Affine{X: x, Y: y}
				}
			}
		},
		offCurve: []any{
			off("(0, 0)", zero, zero), off("generator, y + 1", base.X, up), off("generator, swapped", base.Y, base.X),
			off("random y", base.X, random2(newStream("curves/off/g2"))),
			off("generator, c0 and c1 swapped", swap(base.X), swap(base.Y)),
		},
	}
}

func grumpkinGroup() *group[grumpkin.G1Jac, grumpkin.G1Affine, *grumpkin.G1Jac] {
	generator, base := grumpkin.Generators()
	_, b := grumpkin.CurveCoefficients()
	text := func(a grfp.Element) string { return a.BigInt(new(big.Int)).String() }
	off := func(label string, x, y grfp.Element) any {
		a := grumpkin.G1Affine{X: x, Y: y}
		must((x.IsZero() && y.IsZero()) || !a.IsOnCurve(), "off the curve")
		return object{{"case", label}, {"p", []any{text(x), text(y)}}}
	}
	var up, zero, one, random grfp.Element
	one.SetOne()
	up.Add(&base.Y, &one)
	random.SetBigInt(newStream("curves/off/grumpkin").below(grfp.Modulus()))
	return &group[grumpkin.G1Jac, grumpkin.G1Affine, *grumpkin.G1Jac]{
		order: grfr.Modulus(), name: "grumpkin", generator: generator, cofactor: integer(1), b: text(b),
		affine: func(p grumpkin.G1Jac) (a grumpkin.G1Affine) {
			a.FromJacobian(&p)
			return
		},
		json: func(a grumpkin.G1Affine) any {
			if a.IsInfinity() {
				return nil
			}
			return []any{text(a.X), text(a.Y)}
		},
		offCurve: []any{
			off("(0, 0)", zero, zero), off("generator, y + 1", base.X, up), off("generator, swapped", base.Y, base.X),
			off("random y", base.X, random),
		},
	}
}

// MARK: BabyJubJub

// gnark-crypto has the curve as -x^2 + y^2 = 1 + d/(-a)·x^2·y^2, which x·sqrt(-a) takes 168700·x^2 + y^2 = 1 + 168696·x^2·y^2 to.
func babyJubJubVectors() object {
	curve := twistededwards.GetEdwardsCurve()
	var a, d, root, check bnfr.Element
	a.SetUint64(168700)
	d.SetUint64(168696)
	check.Div(&d, &a).Neg(&check)
	must(check.Equal(&curve.D), "the curve is BabyJubJub's")
	root.Neg(&a)
	must(root.Sqrt(&root) != nil, "-a is a square")
	// One of the two roots takes the base point to that of EIP-2494.
	var x, baseX bnfr.Element
	baseX.SetString("5299619240641551281634865583518297030282874472190772894086521144482721001553")
	if x.Mul(&baseX, &root); !x.Equal(&curve.Base.X) {
		root.Neg(&root)
	}
	x.Mul(&baseX, &root)
	must(x.Equal(&curve.Base.X), "the base point is that of EIP-2494")
	point := func(p twistededwards.PointAffine) any {
		must(p.IsOnCurve(), "on the curve")
		var x bnfr.Element
		x.Div(&p.X, &root)
		return []any{x.BigInt(new(big.Int)).String(), p.Y.BigInt(new(big.Int)).String()}
	}
	s := newStream("curves/babyjubjub")
	order := &curve.Order
	var o twistededwards.PointAffine
	o.Y.SetOne()
	mul := func(p twistededwards.PointAffine, k *big.Int) twistededwards.PointAffine {
		r := o
		for i := k.BitLen() - 1; i >= 0; i-- {
			r.Double(&r)
			if k.Bit(i) == 1 {
				r.Add(&r, &p)
			}
		}
		return r
	}
	// Any point of the curve, by its y: x^2 = (1 - y^2)/(-1 - d·y^2).
	any1 := func() (p twistededwards.PointAffine) {
		for {
			p.Y.SetBigInt(s.below(bnfr.Modulus()))
			var one, square, numerator, denominator bnfr.Element
			one.SetOne()
			square.Square(&p.Y)
			numerator.Sub(&one, &square)
			denominator.Mul(&curve.D, &square).Add(&denominator, &one).Neg(&denominator)
			p.X.Div(&numerator, &denominator)
			if p.X.Sqrt(&p.X) != nil {
				return
			}
		}
	}
	random := func() twistededwards.PointAffine { return mul(curve.Base, plus(s.below(plus(order, -1)), 1)) }
	neg := func(p twistededwards.PointAffine) (r twistededwards.PointAffine) {
		r.Neg(&p)
		return
	}
	var small twistededwards.PointAffine
	for eighth, four := o, o; ; {
		eighth = mul(any1(), order)
		if four = mul(eighth, integer(4)); !four.Equal(&o) {
			small = eighth
			break
		}
	}
	p, q := random(), random()
	type entry struct {
		label string
		p, q  twistededwards.PointAffine
		k     *big.Int
	}
	cases := []entry{
		{"identity + identity, k = 0", o, o, integer(0)},
		{"base + identity, k = 1", curve.Base, o, integer(1)},
		{"identity + base, k random", o, curve.Base, s.below(order)},
		{"p + p, k = 2", p, p, integer(2)},
		{"p + (-p), k = order - 1", p, neg(p), plus(order, -1)},
		{"k = order", q, p, order},
		{"of order 8, k = 4", small, small, integer(4)},
		{"of order 2 + p, k = 2", mul(small, integer(4)), p, integer(2)},
		{"of order 8 + base, k = order", small, curve.Base, order},
		{"any point of the curve + p, k random", any1(), p, s.below(order)},
	}
	for range 6 {
		cases = append(cases, entry{"random", random(), random(), s.below(order)})
	}
	var entries []any
	for _, c := range cases {
		var sum, double twistededwards.PointAffine
		sum.Add(&c.p, &c.q)
		double.Double(&c.p)
		inSubgroup := mul(c.p, order)
		entries = append(entries, object{
			{"case", c.label}, {"p", point(c.p)}, {"q", point(c.q)}, {"sum", point(sum)}, {"double_p", point(double)},
			{"negation_p", point(neg(c.p))}, {"k", c.k.String()}, {"product", point(mul(c.p, c.k))},
			{"p_in_subgroup", inSubgroup.Equal(&o)},
		})
	}
	return object{{"order", order.String()}, {"cofactor", "8"}, {"base", point(curve.Base)}, {"entries", entries}}
}

// MARK: Pairings

// pairing is e(p, q) with the exponent (p¹² − 1)/r itself, by squaring and multiplying; gnark-crypto's chain gives the cube.
func pairing(p bls.G1Affine, q bls.G2Affine) bls.E12 {
	loop, err := bls.MillerLoop([]bls.G1Affine{p}, []bls.G2Affine{q})
	must(err == nil, "Miller loop")
	n := new(big.Int).Exp(fp.Modulus(), integer(12), nil)
	exponent, rest := new(big.Int).DivMod(plus(n, -1), fr.Modulus(), new(big.Int))
	must(rest.Sign() == 0, "exponent")
	value := power12(loop, exponent)
	chain, err := bls.Pair([]bls.G1Affine{p}, []bls.G2Affine{q})
	must(err == nil, "pairing")
	cube := power12(value, integer(3))
	must(cube.Equal(&chain), "the chain's cube")
	return value
}

func pairingVectors(h1, h2 *big.Int) object {
	r := fr.Modulus()
	s := newStream("pairings/bls12_377")
	first, second := g1(h1), g2(h2)
	of1 := func(k *big.Int) bls.G1Affine { return first.affine(first.mul(first.generator, new(big.Int).Mod(k, r))) }
	of2 := func(k *big.Int) bls.G2Affine {
		return second.affine(second.mul(second.generator, new(big.Int).Mod(k, r)))
	}
	minus := func(k *big.Int) *big.Int { return new(big.Int).Neg(k) }
	times := func(a, b *big.Int) *big.Int { return new(big.Int).Mul(a, b) }
	one := integer(1)
	zero := integer(0)
	base := pairing(of1(one), of2(one))
	unit := power12(base, r)
	must(unit.IsOne() && !base.IsOne(), "order of the pairing's value")
	pair := func(a, b *big.Int) object { return object{{"p", point1(of1(a))}, {"q", point2(of2(b))}} }

	values := []any{append(object{{"case", "generators"}, {"a", "1"}, {"b", "1"}}, append(pair(one, one), member{"gt", json12(base)})...)}
	for range 3 {
		a, b := plus(s.below(plus(r, -1)), 1), plus(s.below(plus(r, -1)), 1)
		value := pairing(of1(a), of2(b))
		expected := power12(base, new(big.Int).Mod(times(a, b), r))
		must(value.Equal(&expected), "bilinear")
		values = append(values, append(object{{"case", "a·G1, b·G2"}, {"a", a.String()}, {"b", b.String()}},
			append(pair(a, b), member{"gt", json12(value)})...))
	}
	for _, c := range []struct {
		label string
		a, b  *big.Int
	}{{"identity, G2", zero, one}, {"G1, identity", one, zero}, {"identity, identity", zero, zero}} {
		values = append(values, append(object{{"case", c.label}, {"a", nil}, {"b", nil}},
			append(pair(c.a, c.b), member{"gt", json12(unit)})...))
	}

	n := func() *big.Int { return plus(s.below(plus(r, -2)), 2) }
	a, b, c, d := n(), n(), n(), n()
	type terms [][2]*big.Int
	rest := new(big.Int).Sub(new(big.Int).Sub(times(a, b), times(c, d)), integer(5))
	cases := []struct {
		label string
		pairs terms
		isOne bool
	}{
		{"no pairs", terms{}, true},
		{"e(P,Q)·e(-P,Q)", terms{{a, b}, {minus(a), b}}, true},
		{"e(P,Q)·e(P,-Q)", terms{{a, b}, {a, minus(b)}}, true},
		{"e(aP,Q)·e(-P,aQ)", terms{{a, one}, {minus(one), a}}, true},
		{"e(aP,bQ)·e(-abP,Q)", terms{{a, b}, {minus(times(a, b)), one}}, true},
		{"e(aP,Q)·e(bP,Q)·e(-(a+b)P,Q)", terms{{a, one}, {b, one}, {minus(new(big.Int).Add(a, b)), one}}, true},
		{"four pairs, the shape of a Groth16 check", terms{{minus(a), b}, {c, d}, {rest, one}, {integer(5), one}}, true},
		{"the same, last scalar one off", terms{{minus(a), b}, {c, d}, {rest, one}, {integer(6), one}}, false},
		{"e(P,Q)", terms{{one, one}}, false},
		{"e(P,Q)·e(P,Q)", terms{{a, b}, {a, b}}, false},
		{"e(aP,Q)·e(-P,bQ)", terms{{a, one}, {minus(one), b}}, false},
		{"e(O,Q)", terms{{zero, b}}, true},
		{"e(P,O)", terms{{a, zero}}, true},
		{"e(O,O)", terms{{zero, zero}}, true},
		{"e(P,Q)·e(O,Q)", terms{{a, b}, {zero, b}}, false},
		{"e(P,Q)·e(P,O)", terms{{a, b}, {a, zero}}, false},
		{"e(P,Q)·e(O,Q)·e(-P,Q)·e(P,O)", terms{{a, b}, {zero, a}, {minus(a), b}, {b, zero}}, true},
	}
	var products []any
	for _, c := range cases {
		list := []any{}
		product := unit
		for _, term := range c.pairs {
			list = append(list, pair(term[0], term[1]))
			if term[0].Sign() != 0 && term[1].Sign() != 0 {
				value := pairing(of1(term[0]), of2(term[1]))
				product.Mul(&product, &value)
			}
		}
		must(product.IsOne() == c.isOne, c.label)
		products = append(products, object{{"case", c.label}, {"pairs", list}, {"product_is_one", c.isOne}})
	}
	return object{{"order", r.String()}, {"pairings", values}, {"products", products}}
}

// MARK: Files

// write puts the members of nested objects on lines, and one case on each.
func write(path string, document object) {
	var out bytes.Buffer
	var put func(any, int)
	put = func(value any, depth int) {
		indent := bytes.Repeat([]byte(" "), depth)
		switch value := value.(type) {
		case object:
			out.WriteString("{\n")
			for i, m := range value {
				fmt.Fprintf(&out, "%s %q: ", indent, m.key)
				put(m.value, depth+1)
				if i+1 < len(value) {
					out.WriteByte(',')
				}
				out.WriteByte('\n')
			}
			fmt.Fprintf(&out, "%s}", indent)
		case []any:
			lines := len(value) > 0
			if lines {
				_, lines = value[0].(object)
			}
			if lines {
				out.WriteString("[\n")
				for i, element := range value {
					text, err := encode(element)
					must(err == nil, "JSON")
					fmt.Fprintf(&out, "%s %s", indent, text)
					if i+1 < len(value) {
						out.WriteByte(',')
					}
					out.WriteByte('\n')
				}
				fmt.Fprintf(&out, "%s]", indent)
				return
			}
			text, err := encode(value)
			must(err == nil, "JSON")
			out.Write(text)
		default:
			text, err := encode(value)
			must(err == nil, "JSON")
			out.Write(text)
		}
	}
	put(document, 0)
	out.WriteByte('\n')
	must(os.WriteFile(path, out.Bytes(), 0o644) == nil, path)
	fmt.Printf("%s: %d bytes\n", path, out.Len())
}

func main() {
	out := flag.String("out", ".", "the folder to write into")
	flag.StringVar(&seed, "seed", "martlet vectors 1", "where the random numbers come from")
	flag.Parse()
	h1, h2 := cofactors()
	head := object{{"generator", origin}, {"seed", seed}}
	for name, content := range map[string]object{
		"fields": {
			{"bls12_377_fp", fieldVectors[fp.Element]("bls12_377_fp", fp.Modulus())},
			{"bls12_377_fr", fieldVectors[fr.Element]("bls12_377_fr", fr.Modulus())},
		},
		"towers": {{"bls12_377", towerVectors()}},
		"curves": {{"bls12_377", object{
			{"modulus", fp.Modulus().String()}, {"order", fr.Modulus().String()}, {"g1", g1(h1).vectors()}, {"g2", g2(h2).vectors()},
		}}, {"grumpkin", grumpkinGroup().vectors()}, {"babyjubjub", babyJubJubVectors()}},
		"pairings": {{"bls12_377", pairingVectors(h1, h2)}},
	} {
		write(filepath.Join(*out, name+".json"), append(append(object{}, head...), content...))
	}
}
