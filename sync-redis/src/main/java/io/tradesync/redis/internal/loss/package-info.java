/** Noticing that stream data are missing, or may be, and requesting a run for that. */
@NullMarked
package io.tradesync.redis.internal.loss;

import org.jspecify.annotations.NullMarked;
