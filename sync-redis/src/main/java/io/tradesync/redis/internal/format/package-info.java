/** The formats of stream entries. */
@NullMarked
package io.tradesync.redis.internal.format;

import org.jspecify.annotations.NullMarked;
