// The choice between the themes: system, light, dark.
import { chooseTheme, type Theme, useTheme } from "@/app/theme";
import { Icon, type IconName } from "@/ui/Icon";
import { classes } from "@/ui/classes";

const CHOICES: { theme: Theme; icon: IconName; label: string }[] = [
  { theme: "system", icon: "screen", label: "Theme of the system" },
  { theme: "light", icon: "sun", label: "Light theme" },
  { theme: "dark", icon: "moon", label: "Dark theme" },
];

export function ThemeToggle() {
  const current = useTheme();
  return (
    <div role="group" aria-label="Theme" className="bg-sunken inline-flex rounded-md p-0.5">
      {CHOICES.map(({ theme, icon, label }) => (
        <button
          key={theme}
          type="button"
          aria-label={label}
          title={label}
          aria-pressed={theme === current}
          onClick={() => chooseTheme(theme)}
          className={classes(
            "inline-flex h-6 w-7 items-center justify-center rounded-[5px]",
            theme === current ? "bg-surface text-ink shadow-sm" : "text-ink-3 hover:text-ink",
          )}
        >
          <Icon name={icon} />
        </button>
      ))}
    </div>
  );
}
