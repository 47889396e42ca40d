/** Connections to Redis, and writing to streams. */
@NullMarked
package io.tradesync.redis.internal.client;

import org.jspecify.annotations.NullMarked;
