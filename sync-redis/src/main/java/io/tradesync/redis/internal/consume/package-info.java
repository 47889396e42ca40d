/** Reading streams as a member of a consumer group, and delivering their entries. */
@NullMarked
package io.tradesync.redis.internal.consume;

import org.jspecify.annotations.NullMarked;
