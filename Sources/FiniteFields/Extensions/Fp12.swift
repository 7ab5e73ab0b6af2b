public struct Fp12<P: TowerParameters>: Sendable, Equatable { public static var one: Self { Self() } }
