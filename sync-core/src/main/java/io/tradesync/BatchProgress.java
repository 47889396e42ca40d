package io.tradesync;

/**
 * What one batch of a run brought, and how far the run is after it. Batches that are written at the
 * same time can finish in another order than that of their keys.
 *
 * @param run how far the run is, this batch included
 * @param firstKey the first key of the batch
 * @param lastKey the last key of the batch
 * @param written changes that this batch committed
 * @param known changes that were not needed any more, because another path had made them
 * @param failed trades of this batch that are marked as failed
 */
public record BatchProgress(
    RunProgress run, TradeKey firstKey, TradeKey lastKey, long written, long known, long failed) {}
