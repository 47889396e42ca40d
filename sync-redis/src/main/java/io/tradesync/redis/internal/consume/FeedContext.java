package io.tradesync.redis.internal.consume;

import io.tradesync.redis.internal.client.RedisLink;
import io.tradesync.redis.internal.loss.GroupLedger;
import io.tradesync.redis.internal.loss.LossCounters;
import io.tradesync.redis.internal.loss.LossDetector;
import io.tradesync.spi.LiveWriter;

/** What all readers of a consumer share. */
record FeedContext(
    RedisLink link,
    ConsumerSettings settings,
    LiveWriter liveWriter,
    PauseControl pause,
    FeedCounters counters,
    LossCounters losses,
    LossDetector detector,
    GroupLedger ledger,
    DeadLetters deadLetters) {}
