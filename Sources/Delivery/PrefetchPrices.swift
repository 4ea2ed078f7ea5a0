/// What a byte costs at one edge, in the objective's unit.
///
/// `room` and `fill` solve the linear relaxation, in which songs may be cut: with them, exactly the
/// songs that are worth more than they cost fit. They are read off the two lists in order of worth
/// per byte, where bisection would only come near them.
package struct PrefetchPrices: Equatable, Sendable {
    /// Charged for each byte fetched: the operator's.
    package var charge: Double
    /// What another byte of pinned room would add; 0 where there is enough.
    package var room: Double
    /// What another byte of fill budget would add; 0 where there is enough.
    package var fill: Double

    init(_ order: PrefetchOrder, _ limits: PrefetchPlanner.Limits) {
        switch limits.fillPrice {
        case .perGB(let price): charge = price / 1e9
        case .share(let share): charge = share * Self.margin(order, limits)
        }
        var usedBytes = 0
        var openBytes = 0
        var margin = 0.0
        order.walk(charge: charge) { index, isOpen, net in
            let size = order.sizeBytes(index)
            guard usedBytes + size <= limits.pinnedBytes else {
                // The song that would be cut.
                if isOpen { openBytes += limits.pinnedBytes - usedBytes }
                margin = net
                return false
            }
            usedBytes += size
            if isOpen { openBytes += size }
            return true
        }
        room = margin
        fill = 0
        guard openBytes > limits.fillBudgetBytes else { return }

        // The budget binds: it is spent on the best of the open songs, and held ones get the rest.
        let openMargin = Self.margin(order.open, order, bytes: limits.fillBudgetBytes)
        room = Self.margin(
            order.held, order, bytes: limits.pinnedBytes - limits.fillBudgetBytes)
        fill = max(0, openMargin - room - charge)
    }

    /// Worth per byte of the song with which the room is full when the best songs fill it.
    private static func margin(_ order: PrefetchOrder, _ limits: PrefetchPlanner.Limits) -> Double {
        var usedBytes = 0
        var margin = 0.0
        order.walk(charge: 0) { index, _, density in
            usedBytes += order.sizeBytes(index)
            guard usedBytes > limits.pinnedBytes else { return true }
            margin = density
            return false
        }
        return margin
    }

    /// The same for one list; 0 where all of it fits.
    private static func margin(
        _ list: [UInt32], _ order: PrefetchOrder, bytes: Int
    ) -> Double {
        var usedBytes = 0
        for index in list {
            usedBytes += order.sizeBytes(index)
            if usedBytes > bytes { return order.density[Int(index)] }
        }
        return 0
    }
}
