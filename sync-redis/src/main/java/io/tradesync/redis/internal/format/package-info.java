/** The fields of a stream entry. */
@NullMarked
package io.tradesync.redis.internal.format;

import org.jspecify.annotations.NullMarked;
