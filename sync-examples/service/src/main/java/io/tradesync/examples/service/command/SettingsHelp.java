package io.tradesync.examples.service.command;

import io.tradesync.examples.service.settings.DeclaredSettings;
import io.tradesync.examples.service.settings.Setting;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The settings as a part of the help of commands. */
public final class SettingsHelp {

  private SettingsHelp() {}

  /** Adds the settings to the help of a command that reads them, and of its subcommands. */
  public static void addTo(CommandLine command) {
    if (command.getCommandSpec().optionsMap().containsKey("--config")) {
      UsageMessageSpec usage = command.getCommandSpec().usageMessage();
      List<String> footer = new ArrayList<>(List.of(usage.footer()));
      footer.addAll(lines());
      usage.footer(footer.toArray(String[]::new));
    }
    command.getSubcommands().values().forEach(SettingsHelp::addTo);
  }

  private static List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("Settings: environment variables, system properties of the same names, or lines of");
    lines.add("the file that --config names.");
    for (Setting<?> setting : DeclaredSettings.ALL) {
      lines.add("  " + setting.name() + " (" + setting.whenAbsent() + ")");
      lines.add("      " + setting.help().replace("`", ""));
    }
    return lines.stream().map(line -> line.replace("%", "%%")).toList();
  }
}
