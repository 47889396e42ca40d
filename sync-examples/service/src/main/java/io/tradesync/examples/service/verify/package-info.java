/** Reads both sides with plain SQL, without code of the library. */
@NullMarked
package io.tradesync.examples.service.verify;

import org.jspecify.annotations.NullMarked;
