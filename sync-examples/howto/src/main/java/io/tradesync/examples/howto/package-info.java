/** Examples to copy: one idea a class. */
@NullMarked
package io.tradesync.examples.howto;

import org.jspecify.annotations.NullMarked;
