/** Live trades from Redis streams: the consumer, the entry formats, and a publisher. */
@NullMarked
package io.tradesync.redis;

import org.jspecify.annotations.NullMarked;
