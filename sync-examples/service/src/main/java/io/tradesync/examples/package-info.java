/** The program: its commands and how they end. */
@NullMarked
package io.tradesync.examples;

import org.jspecify.annotations.NullMarked;
