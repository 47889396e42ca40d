/** Connections to Redis, what its errors mean, and writing to streams. */
@NullMarked
package io.tradesync.redis.internal.client;

import org.jspecify.annotations.NullMarked;
