"""The words of a person's own preferences, in both languages."""

WORDS: dict[str, tuple[str, str]] = {
    "preferences": ("偏好设置", "Preferences"),
    "preferences_zone": ("时区", "Time zone"),
    "preferences_zone_home": ("与组织相同（{zone}）", "The organisation's ({zone})"),
    "preferences_zone_hint": ("时间按此时区显示；现在是 {now}", "Times are shown in this zone; it is {now} now"),
    "preferences_theme": ("外观", "Appearance"),
    "preferences_theme_hint": ("只对此设备生效", "On this device alone"),
    "preferences_theme_system": ("跟随系统", "As the system"),
    "preferences_theme_light": ("浅色", "Light"),
    "preferences_theme_dark": ("深色", "Dark"),
    "preferences_density_hint": ("所有列表的行高", "The height of rows, in all lists"),
    "preferences_save": ("保存", "Save"),
    "preferences_saved": ("偏好已保存", "Preferences saved"),
    "preferences_no_zone": ("没有这个时区", "There is no such time zone"),
}
