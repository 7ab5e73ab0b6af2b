// SPDX-License-Identifier: Apache-2.0

import Curves
import Foundation

/// Text that is safe between tags and in attributes of XML and HTML.
func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        // XML 1.0 has no other control characters, not even escaped.
        case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
        case _ where scalar.value < 0x20 || scalar.value == 0xfffe || scalar.value == 0xffff:
            result += "\u{fffd}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// A coordinate with one decimal.
func at(_ value: Double) -> String { String(format: "%.1f", value) }

extension CurveID {
    /// The name as papers write it.
    var displayName: String { suite.names.title }
}

/// The mark of a series at a point: shapes differ as well as colours.
func mark(_ style: Int, x: Double, y: Double, label: String) -> String {
    let shape: String
    switch style % 4 {
    case 0: shape = "<circle cx=\"\(at(x))\" cy=\"\(at(y))\" r=\"4\">"
    case 1: shape = "<rect x=\"\(at(x - 3.6))\" y=\"\(at(y - 3.6))\" width=\"7.2\" height=\"7.2\">"
    case 2: shape = "<path d=\"M\(at(x)) \(at(y - 4.8))l4.6 8.2h-9.2z\">"
    default: shape = "<path d=\"M\(at(x)) \(at(y - 5))l5 5l-5 5l-5 -5z\">"
    }
    let name = shape.hasPrefix("<circle") ? "circle" : shape.hasPrefix("<rect") ? "rect" : "path"
    return "<g class=\"s\(style)\">\(shape)<title>\(escaped(label))</title></\(name)></g>"
}
