/** Looks at both sides with plain SQL, without any of the library's code. */
@NullMarked
package io.tradesync.examples.service.verify;

import org.jspecify.annotations.NullMarked;
