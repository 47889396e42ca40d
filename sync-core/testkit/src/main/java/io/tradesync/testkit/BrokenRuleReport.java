package io.tradesync.testkit;

import java.lang.reflect.Method;
import java.util.Locale;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/** Says in a failure of a contract which rule was broken, by which calls and answers. */
final class BrokenRuleReport implements InvocationInterceptor {

  @Override
  public void interceptTestMethod(
      Invocation<Void> test, ReflectiveInvocationContext<Method> method, ExtensionContext context)
      throws Throwable {
    report(test, method.getExecutable(), context.getRequiredTestInstance());
  }

  @Override
  public void interceptDynamicTest(
      Invocation<Void> test, DynamicTestInvocationContext dynamic, ExtensionContext context)
      throws Throwable {
    ExtensionContext factory = context.getParent().orElseThrow();
    report(test, factory.getRequiredTestMethod(), factory.getRequiredTestInstance());
  }

  private static void report(Invocation<Void> test, Method rule, Object contract) throws Throwable {
    try {
      test.proceed();
    } catch (AssertionError | RuntimeException e) {
      String report =
          "The %s broke the rule \"%s\".%nIt was asked, and answered:%n%s%nExpected was: %s"
              .formatted(subject(contract), rule(rule), calls(contract).latest(), e.getMessage());
      throw new AssertionError(report, e);
    }
  }

  private static String subject(Object contract) {
    if (contract instanceof LogContract) {
      return "log";
    }
    return contract instanceof SourceContractPart ? "source" : "sink";
  }

  private static RecordedCalls calls(Object contract) {
    if (contract instanceof LogContract log) {
      return log.calls;
    }
    return contract instanceof SourceContractPart source
        ? source.calls
        : ((SinkContractPart) contract).calls;
  }

  private static String rule(Method test) {
    return test.getName().replaceAll("([A-Z]|\\d+)", " $1").toLowerCase(Locale.ROOT);
  }
}
