/// The songs that one edge is to have, chosen at given prices.
struct PrefetchSelection {
    let order: PrefetchOrder
    let prices: PrefetchPrices
    private(set) var isTaken: [Bool]
    /// What is left of either.
    private(set) var roomBytes: Int
    private(set) var budgetBytes: Int

    init(
        _ order: PrefetchOrder, _ limits: PrefetchPlanner.Limits, _ prices: PrefetchPrices
    ) {
        self.order = order
        self.prices = prices
        isTaken = Array(repeating: false, count: order.candidates.count)
        roomBytes = limits.pinnedBytes
        budgetBytes = limits.fillBudgetBytes
    }

    mutating func take(_ index: UInt32, isOpen: Bool) {
        let size = order.sizeBytes(index)
        isTaken[Int(index)] = true
        roomBytes -= size
        if isOpen { budgetBytes -= size }
    }

    mutating func giveBack(_ index: UInt32, isOpen: Bool) {
        let size = order.sizeBytes(index)
        isTaken[Int(index)] = false
        roomBytes += size
        if isOpen { budgetBytes += size }
    }

    /// Takes the songs that are worth more than they cost, then those that still fit.
    ///
    /// By worth per byte after the prices, so that the first are all that the relaxation takes whole.
    mutating func takeWhatPays() {
        let order = order
        order.walk(charge: prices.charge + prices.fill) { index, isOpen, _ in
            takeIfFits(index, isOpen: isOpen)
            return true
        }
        guard prices.fill > 0 else { return }
        // Worth the charge, though not what the budget that binds is worth: bytes of it are left.
        for index in order.open where order.density[Int(index)] > prices.charge {
            takeIfFits(index, isOpen: true)
        }
    }

    // MARK: What is left

    /// Fills room that is left with releases to come, then with held songs without expected hits.
    mutating func takeWhatIsLeft() {
        let coming = order.candidates.indices.filter { order.candidates[$0].isComing }
        // What is there already needs no budget.
        for index in coming where order.candidates[index].isHeld {
            takeIfFits(UInt32(index), isOpen: false)
        }
        for index in coming where !order.candidates[index].isHeld {
            takeIfFits(UInt32(index), isOpen: true)
        }
        for index in order.held { takeIfFits(index, isOpen: false) }
    }

    mutating func takeIfFits(_ index: UInt32, isOpen: Bool) {
        let size = order.sizeBytes(index)
        guard !isTaken[Int(index)], size <= roomBytes, !isOpen || size <= budgetBytes else {
            return
        }
        take(index, isOpen: isOpen)
    }
}
