package io.tradesync.spring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.springframework.mock.env.MockEnvironment;

class EngineThreadsTest {

  private static final String VIRTUAL = "spring.threads.virtual.enabled";

  private static Thread threadOf(MockEnvironment environment) {
    return EngineThreads.of(environment, "tradesync-").newThread(() -> {});
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void theyAreVirtualWhereTheApplicationHasThemOn() throws Exception {
    Thread thread = threadOf(new MockEnvironment().withProperty(VIRTUAL, "true"));

    assertThat(Thread.class.getMethod("isVirtual").invoke(thread)).isEqualTo(true);
    assertThat(thread.getName()).startsWith("tradesync-");
  }

  @Test
  void otherwiseTheyAreDaemons() {
    Thread thread = threadOf(new MockEnvironment());

    assertThat(thread.isDaemon()).isTrue();
    assertThat(thread.getClass()).isEqualTo(Thread.class);
    assertThat(thread.getName()).startsWith("tradesync-");
  }

  @Test
  @EnabledForJreRange(max = JRE.JAVA_20)
  void aJavaWithoutVirtualThreadsHasDaemonsToo() {
    Thread thread = threadOf(new MockEnvironment().withProperty(VIRTUAL, "true"));

    assertThat(thread.isDaemon()).isTrue();
  }
}
