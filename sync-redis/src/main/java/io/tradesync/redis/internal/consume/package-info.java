/** Reading streams as a member of a group, and delivering what they hold. */
@NullMarked
package io.tradesync.redis.internal.consume;

import org.jspecify.annotations.NullMarked;
