package io.tradesync.examples.service.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The table of settings in the documentation says what the declarations of the settings say. */
class SettingsDocsTest {

  @Test
  void theDocumentationListsEachSettingWithItsDefaultAndHelp() throws Exception {
    String page = Files.readString(Path.of("../../docs/CONFIGURATION.md"));

    assertThat(DeclaredSettings.ALL)
        .allSatisfy(
            setting -> {
              String absent =
                  setting.defaultValue() == null
                      ? setting.whenAbsent()
                      : "`" + setting.defaultValue() + "`";
              assertThat(page.lines())
                  .contains("| `%s` | %s | %s |".formatted(setting.name(), absent, setting.help()));
            });
  }
}
