/** How a service of yours embeds the engine. */
@NullMarked
package io.tradesync.examples.embedding;

import org.jspecify.annotations.NullMarked;
