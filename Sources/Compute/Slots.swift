// SPDX-License-Identifier: Apache-2.0

/// Places for what the tasks of a stage find, each of which writes its own.
///
/// An array that several tasks reach cannot serve: to change one of its elements is an access to the whole,
/// and two of them at a time are a race, in which the array may be copied and an element be lost.
package final class Slots<Element> {
    private let elements: UnsafeMutableBufferPointer<Element>

    package init(repeating element: Element, count: Int) {
        elements = .allocate(capacity: count)
        elements.initialize(repeating: element)
    }

    deinit {
        elements.deinitialize()
        elements.deallocate()
    }

    package var count: Int { elements.count }

    /// What is in a place; as long as tasks run, only the one that a place belongs to may use it.
    package subscript(index: Int) -> Element {
        get {
            precondition(elements.indices.contains(index))
            return elements[index]
        }
        set {
            precondition(elements.indices.contains(index))
            elements[index] = newValue
        }
    }

    /// All of them in order; to be called when the tasks are done.
    package var all: [Element] { Array(elements) }
}

// Unchecked: tasks share the places' addresses, which never change, and each place has one task.
extension Slots: @unchecked Sendable where Element: Sendable {}
