/** Noticing stream data that is missing, or may be, and asking for a run. */
@NullMarked
package io.tradesync.redis.internal.loss;

import org.jspecify.annotations.NullMarked;
