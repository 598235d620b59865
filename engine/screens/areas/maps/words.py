"""The words of maps, in both languages."""

WORDS: dict[str, tuple[str, str]] = {
    "map": ("地图", "Map"),
    "map_list": ("地图上的记录", "What is on the map"),
    "map_many": (
        "记录较多，只显示前 {count} 条；请添加条件，或放大地图后在此区域查找",
        "There is a lot here: the first {count} are shown. Narrow it by conditions, or zoom in and search there.",
    ),
    "map_area": ("在此区域查找", "Search this area"),
    "map_whole": ("查看全部区域", "The whole earth"),
    "map_near": ("附近", "Near me"),
    "map_show": ("在地图上显示：{record}", "Show on the map: {record}"),
    "map_none": ("没有可在地图上显示的记录", "There is nothing to show on a map"),
    "map_none_hint": ("记录填写位置后会显示在这里。", "Records are shown here once their position is filled in."),
    "map_unplaced": ("未填写位置的记录", "Those without a position"),
    "map_nowhere": ("未填写位置", "No position"),
    "map_all": ("查看全部记录", "All records"),
    "map_in": ("放大", "Zoom in"),
    "map_out": ("缩小", "Zoom out"),
    "map_failed": ("暂时无法定位，请到开阔处再试。", "The position could not be found. Try again outdoors."),
    "map_denied": (
        "浏览器没有定位权限：请在地址栏允许。",
        "This browser may not know where it is: allow it in the address bar.",
    ),
}
SCRIPT_WORDS: dict[str, tuple[str, str]] = {
    "map_metres": ("{count} 米", "{count} m"),
    "map_kilometres": ("{count} 公里", "{count} km"),
    "map_here": ("您在这里", "You are here"),
    "map_places": ("{count} 处", "{count} places"),
}
