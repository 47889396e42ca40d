package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.Finality;
import io.tradesync.spi.log.Verification.Snapshot;
import java.util.function.Supplier;

/**
 * What a scan looks at.
 *
 * @param scope which trades count
 * @param verification reads what earlier comparisons verified; called once, after the source
 * @param finality which trades are final
 * @param keptBelow the key below which processed trades that vanished are kept
 * @param compareAllUpTo number of trades up to which everything is compared
 * @param compareAll whether also verified ranges are compared
 * @param workers compares the parts of a long range at the same time
 */
record ScanSettings(
    KeyRange scope,
    Supplier<Snapshot> verification,
    Finality finality,
    TradeKey keptBelow,
    long compareAllUpTo,
    boolean compareAll,
    PartWorkers workers) {}
