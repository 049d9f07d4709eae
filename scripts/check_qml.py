"""Open exported layers in QGIS with their styles, and draw them: ``QT_QPA_PLATFORM=offscreen python3 scripts/check_qml.py FOLDER``.

It needs the system's python3-qgis and is no part of ``make test``. For every vector file in FOLDER with a ``.qml`` of the same name (and every
GeoPackage, which carries its own) it says whether QGIS takes the style, how many features fall into no class, and writes a PNG.
"""

import sys
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsRenderContext,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

SIZE = QSize(1000, 1000)
FORMATS = (".gpkg", ".geojson", ".shp")


def opened(path: Path) -> QgsVectorLayer | None:
    """The layer with its style; None where QGIS refuses either, and the reason is printed."""
    layer = QgsVectorLayer(str(path), path.stem, "ogr")
    if not layer.isValid():
        sys.stdout.write(f"{path.name}: QGIS cannot read the layer\n")
        return None
    beside = path.with_suffix(".qml")
    if beside.exists():
        said, taken = layer.loadNamedStyle(str(beside))
    else:
        said, taken = layer.loadDefaultStyle()
    kind = layer.renderer().type() if layer.renderer() else "none"
    # A layer whose style was not read is drawn in one colour by QGIS.
    if not taken or kind == "singleSymbol":
        sys.stdout.write(f"{path.name}: style refused ({kind}): {said}\n")
        return None
    return layer


def without_class(layer: QgsVectorLayer) -> int:
    """Features that the style gives no symbol."""
    context, renderer = QgsRenderContext(), layer.renderer().clone()
    renderer.startRender(context, layer.fields())
    lost = 0
    for feature in layer.getFeatures():
        context.expressionContext().setFeature(feature)
        lost += renderer.symbolForFeature(feature, context) is None
    renderer.stopRender(context)
    return lost


def draw(layer: QgsVectorLayer, path: Path) -> None:
    """A picture of the whole layer."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setExtent(layer.extent())
    settings.setOutputSize(SIZE)
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(str(path))


def main(folder: Path) -> int:
    """0 where every style was taken and every feature has a class."""
    QgsApplication.setPrefixPath("/usr", useDefaultPaths=True)
    application = QgsApplication([], GUIenabled=False)
    application.initQgis()
    files = sorted(path for path in folder.iterdir() if path.suffix in FORMATS)
    bad = not files
    for path in files:
        layer = opened(path)
        if layer is None:
            bad = True
            continue
        lost = without_class(layer)
        bad |= lost > 0
        draw(layer, path.with_name(f"{path.stem}-{path.suffix[1:]}.png"))
        labels = [item.label() for item in layer.renderer().legendSymbolItems()]
        kind = layer.renderer().type()
        sys.stdout.write(f"{path.name}: {kind}, {layer.featureCount()} features, {lost} without a class; {labels}\n")
        aliases = {field.name(): field.alias() for field in layer.fields() if field.alias()}
        sys.stdout.write(f"  aliases {len(aliases)}: {dict(list(aliases.items())[:4])}\n")
    application.exitQgis()
    return int(bad)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
