/**
 * Auto-configuration of tradesync for Spring Boot: engines between two databases, by properties.
 */
@org.jspecify.annotations.NullMarked
package io.tradesync.spring;
