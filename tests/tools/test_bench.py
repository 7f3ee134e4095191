import json
import xml.etree.ElementTree as ElementTree

from tools.benches import work
from tools.benches.figures import Figures, plot, table


def found():
    figures = Figures()
    for slow, fast in ((100.0, 10.0), (300.0, 15.0), (200.0, 30.0)):
        figures.add("boot, ms", "cloud-init", slow)
        figures.add("boot, ms", "cloudboot", fast)
    figures.add("floor, ms", "none", 5.0)
    return figures


def test_the_table_has_medians_their_range_and_the_median_of_the_ratios_of_each_round():
    rows = table(found(), ("cloud-init", "cloudboot", "none"), "cloud-init").splitlines()
    assert rows[0] == "| figure | cloud-init | cloudboot | none | cloudboot / cloud-init |"
    assert rows[2] == "| boot, ms | 200 (100 to 300) | 15.0 (10.0 to 30.0) |  | 0.10 |"
    assert rows[3] == "| floor, ms |  |  | 5.00 |  |"


def test_the_plot_is_svg_with_a_bar_for_each_median():
    drawn = ElementTree.fromstring(plot(found(), ("cloud-init", "cloudboot"), ["boot, ms", "never measured"]))
    bars = [float(bar.get("width")) for bar in drawn.iter("{http://www.w3.org/2000/svg}rect")]
    assert len(bars) == 2 and round(bars[1] / bars[0], 2) == 0.08


def test_every_value_is_kept_with_what_was_measured(tmp_path):
    found().save(tmp_path / "figures.json", {"processors": 2})
    kept = json.loads((tmp_path / "figures.json").read_text())
    assert kept["processors"] == 2 and kept["figures"]["boot, ms"]["cloudboot"] == [10.0, 15.0, 30.0]


def test_ten_times_the_work_is_ten_times_as_much():
    for make in (work.parts, work.size, work.files, work.layers, work.interfaces):
        assert 8 < len(make(10_000)) / len(make(1000)) < 12
