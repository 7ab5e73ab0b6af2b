// SPDX-License-Identifier: Apache-2.0

/// Models as NumPy's archives: a zip file without compression, as `numpy.savez` writes it, whose files are
/// arrays of `.npy`, format 1.0. Layer l has `Wl` (inputs × outputs) and `bl` (outputs), l from 0 on.
package enum NumPyArchive {
    /// Writes a network, in float64.
    ///
    /// - Returns: `nil` where it is beyond the sizes of a zip file.
    package static func encode(_ network: DenseNetwork) -> [UInt8]? {
        var files: [(name: String, bytes: [UInt8])] = []
        for (index, layer) in network.layers.enumerated() {
            files.append(
                ("W\(index).npy", array(layer.weights, shape: "(\(layer.inputs), \(layer.outputs))")))
            files.append(("b\(index).npy", array(layer.biases, shape: "(\(layer.outputs),)")))
        }
        guard files.reduce(0, { $0 + $1.bytes.count + 200 }) < Int(UInt32.max) else { return nil }
        var (archive, directory): ([UInt8], [UInt8]) = ([], [])
        for file in files {
            let start = archive.count
            // Version, flags, method 0, 1 January 1980; then CRC, sizes, lengths.
            var common: [UInt8] = [20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]
            common.append(littleEndian: checksum(file.bytes[...]))
            common.append(littleEndian: UInt32(file.bytes.count))
            common.append(littleEndian: UInt32(file.bytes.count))
            common.append(littleEndian: UInt16(file.name.utf8.count))
            common.append(littleEndian: UInt16(0))
            archive += [0x50, 0x4b, 3, 4] + common + Array(file.name.utf8) + file.bytes
            directory += [0x50, 0x4b, 1, 2, 20, 0] + common + [UInt8](repeating: 0, count: 10)
            directory.append(littleEndian: UInt32(start))
            directory += Array(file.name.utf8)
        }
        let start = archive.count
        archive += directory + [0x50, 0x4b, 5, 6, 0, 0, 0, 0]
        for _ in 0..<2 { archive.append(littleEndian: UInt16(files.count)) }
        archive.append(littleEndian: UInt32(directory.count))
        archive.append(littleEndian: UInt32(start))
        return archive + [0, 0]
    }

    private static func array(_ values: [Double], shape: String) -> [UInt8] {
        var header = "{'descr': '<f8', 'fortran_order': False, 'shape': \(shape), }"
        // With magic, version and length a multiple of 64.
        let length = (10 + header.utf8.count + 1 + 63) / 64 * 64 - 10
        header += String(repeating: " ", count: length - 1 - header.utf8.count) + "\n"
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
        bytes.append(littleEndian: UInt16(length))
        bytes += Array(header.utf8)
        for value in values { bytes.append(littleEndian: value.bitPattern) }
        return bytes
    }

    /// Reads a network: `W0`, `b0`, `W1` and so on, in float32 or float64, and nothing else.
    ///
    /// - Throws: what is wrong, with the array's name.
    package static func decode(_ bytes: [UInt8]) throws(ExchangeError) -> DenseNetwork {
        var arrays: [String: (shape: [Int], values: [Double])] = [:]
        for file in try files(bytes) {
            guard file.name.hasSuffix(".npy") else {
                throw ExchangeError("a file that is no array of NumPy", at: ExchangeError.shown(file.name))
            }
            let name = String(file.name.dropLast(4))
            guard
                arrays.updateValue(try values(file.bytes, place: ExchangeError.shown(name)), forKey: name)
                    == nil
            else { throw ExchangeError("the array is there twice", at: ExchangeError.shown(name)) }
        }
        var layers: [DenseNetwork.Layer] = []
        while let weights = arrays.removeValue(forKey: "W\(layers.count)") {
            let place = "W\(layers.count)"
            guard weights.shape.count == 2 else {
                throw ExchangeError("\(weights.shape.count) dimensions, not 2 (inputs, outputs)", at: place)
            }
            guard let biases = arrays.removeValue(forKey: "b\(layers.count)") else {
                throw ExchangeError("there is no array b\(layers.count) beside it", at: place)
            }
            guard biases.shape == [weights.shape[1]] else {
                throw ExchangeError(
                    "the shape \(biases.shape) is not [\(weights.shape[1])], the outputs of \(place)",
                    at: "b\(layers.count)")
            }
            layers.append(
                .init(
                    inputs: weights.shape[0], outputs: weights.shape[1], weights: weights.values,
                    biases: biases.values))
        }
        if let stranger = arrays.keys.min() {
            throw ExchangeError(
                "no array is called that: they are W0 (inputs × outputs), b0, W1 and so on",
                at: ExchangeError.shown(stranger))
        }
        guard !layers.isEmpty else { throw ExchangeError("there is no array W0 in it") }
        return DenseNetwork(layers: layers)
    }

    /// The files of an archive, by its directory.
    private static func files(
        _ bytes: [UInt8]
    ) throws(ExchangeError) -> [(name: String, bytes: ArraySlice<UInt8>)] {
        // The directory's end is the last part; its comment may be 65,535 bytes long.
        let mark: [UInt8] = [0x50, 0x4b, 5, 6]
        let candidates = stride(from: bytes.count - 22, through: max(bytes.count - 22 - 65_535, 0), by: -1)
        guard bytes.count >= 22,
            let end = candidates.first(where: { bytes[$0..<($0 + 4)].elementsEqual(mark) })
        else { throw ExchangeError("no archive of NumPy (npz)") }
        var tail = ByteCursor(bytes[(end + 4)...], place: "the archive's directory")
        _ = try tail.bytes(6)
        let count = Int(try tail.integer(UInt16.self))
        let size = Int(try tail.integer(UInt32.self))
        let start = Int(try tail.integer(UInt32.self))
        guard start + size == end, count <= 1000 else {
            throw ExchangeError("the archive's directory is not where its end says")
        }
        var directory = ByteCursor(bytes[start..<end], place: "the archive's directory")
        var files: [(String, ArraySlice<UInt8>)] = []
        for _ in 0..<count {
            guard try directory.integer(UInt32.self) == 0x0201_4b50 else {
                throw ExchangeError("the archive's directory has no entry where one is due")
            }
            _ = try directory.bytes(4)
            let (flags, method) = (try directory.integer(UInt16.self), try directory.integer(UInt16.self))
            _ = try directory.bytes(4)
            let crc = try directory.integer(UInt32.self)
            let packed = try directory.integer(UInt32.self)
            let size = try directory.integer(UInt32.self)
            let lengths = (
                name: Int(try directory.integer(UInt16.self)), extra: Int(try directory.integer(UInt16.self)),
                comment: Int(try directory.integer(UInt16.self))
            )
            _ = try directory.bytes(8)
            let header = try directory.integer(UInt32.self)
            let name = String(decoding: try directory.bytes(lengths.name), as: UTF8.self)
            _ = try directory.bytes(lengths.extra + lengths.comment)
            let place = ExchangeError.shown(name)
            guard flags & 1 == 0 else { throw ExchangeError("it is encrypted", at: place) }
            guard method == 0 else {
                throw ExchangeError(
                    "it is compressed: write it with numpy.savez, not savez_compressed", at: place)
            }
            guard packed == size, Int(header) <= start else {
                throw ExchangeError("its sizes are not those of a file without compression", at: place)
            }
            var local = ByteCursor(bytes[Int(header)..<start], place: place)
            guard try local.integer(UInt32.self) == 0x0403_4b50 else {
                throw ExchangeError("there is no file where the directory says", at: place)
            }
            _ = try local.bytes(22)
            let (nameLength, extra) = (try local.integer(UInt16.self), try local.integer(UInt16.self))
            guard try local.bytes(Int(nameLength)).elementsEqual(name.utf8) else {
                throw ExchangeError("it has another name in its own header", at: place)
            }
            _ = try local.bytes(Int(extra))
            let content = try local.bytes(Int(size))
            guard checksum(content) == crc else { throw ExchangeError("its checksum is another", at: place) }
            files.append((name, content))
        }
        guard directory.isAtEnd else {
            throw ExchangeError("the archive's directory has more than its entries")
        }
        return files
    }

    /// An array of `.npy`, in the order of C.
    private static func values(
        _ bytes: ArraySlice<UInt8>, place: String
    ) throws(ExchangeError) -> (shape: [Int], values: [Double]) {
        var cursor = ByteCursor(bytes, place: place)
        guard try cursor.bytes(6).elementsEqual([0x93] + Array("NUMPY".utf8)) else {
            throw ExchangeError("no array of NumPy", at: place)
        }
        let version = try cursor.bytes(2)
        guard version.first == 1 || version.first == 2, version.last == 0 else {
            throw ExchangeError(
                "version \(version.map(String.init).joined(separator: ".")) of its format", at: place)
        }
        let length =
            version.first == 1 ? Int(try cursor.integer(UInt16.self)) : Int(try cursor.integer(UInt32.self))
        let header = String(decoding: try cursor.bytes(length), as: UTF8.self)
        func member(_ name: String) -> Substring? {
            guard let key = header.firstRange(of: "'\(name)':") else { return nil }
            return header[key.upperBound...].drop { $0 == " " }
        }
        let types = ["'<f4'": false, "'<f8'": true]
        guard let kind = member("descr"), let isDouble = types.first(where: { kind.hasPrefix($0.key) })?.value
        else { throw ExchangeError("its numbers are neither float32 nor float64 (little-endian)", at: place) }
        guard let order = member("fortran_order"), order.hasPrefix("True") || order.hasPrefix("False"),
            let shapeText = member("shape"), shapeText.first == "(",
            let close = shapeText.firstIndex(of: ")")
        else { throw ExchangeError("its header has no order or no shape", at: place) }
        var shape: [Int] = []
        for part in shapeText[..<close].dropFirst().split(separator: ",") {
            let part = part.filter { $0 != " " }
            guard let dimension = Int(part), dimension >= 1, shape.count < 8 else {
                throw ExchangeError("its shape is none", at: place)
            }
            shape.append(dimension)
        }
        let count = try DenseNetwork.count(shape, place)
        let values = try cursor.floats(count, isDouble: isDouble)
        guard cursor.isAtEnd else { throw ExchangeError("there is more than its shape says", at: place) }
        guard order.hasPrefix("True"), shape.count == 2 else { return (shape, values) }
        return (
            shape,
            (0..<count).map { values[$0 / shape[1] + $0 % shape[1] * shape[0]] }
        )
    }

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ 0xedb8_8320 : rest >> 1 }
    }

    /// CRC-32 of ISO 3309, as zip files have it.
    static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { rest, byte in table[Int((rest ^ UInt32(byte)) & 255)] ^ rest >> 8 }
    }
}
