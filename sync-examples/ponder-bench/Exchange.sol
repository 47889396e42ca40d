// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// An order book reduced to what an indexer sees of it: its trades' events.
contract Exchange {
    struct Fill {
        uint64 order;
        bool buy;
        uint256 price;
        uint256 quantity;
    }

    event Filled(uint64 order, bool buy, uint256 price, uint256 quantity);

    /// Many trades a transaction, so that a backlog of thousands is made in seconds.
    function fill(Fill[] calldata fills) external {
        for (uint256 i = 0; i < fills.length; i++) {
            emit Filled(fills[i].order, fills[i].buy, fills[i].price, fills[i].quantity);
        }
    }
}
