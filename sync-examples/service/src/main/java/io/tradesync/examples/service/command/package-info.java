/** The command line: asks a running service, or works directly on the databases. */
@NullMarked
package io.tradesync.examples.service.command;

import org.jspecify.annotations.NullMarked;
