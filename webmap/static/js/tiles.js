// The district's own base map. Tiles drawn in GCJ-02 or BD-09 are shifted, so that streets lie under our layers.
import { map } from "wangge/map";
import { boot } from "wangge/state";

const ShiftedTiles = L.TileLayer.extend({
  // Pixels between a WGS-84 place and where the tiles draw it, at the zoom of the tiles.
  _shift(zoom) {
    const { at, there } = boot.tiles;
    return this._map.project(there, zoom).subtract(this._map.project(at, zoom));
  },
  _getTiledPixelBounds(center) {
    const plain = L.TileLayer.prototype._getTiledPixelBounds.call(this, center);
    const shift = this._shift(this._tileZoom);
    return L.bounds(plain.min.add(shift), plain.max.add(shift));
  },
  _getTilePos(coords) {
    return L.TileLayer.prototype._getTilePos.call(this, coords).subtract(this._shift(this._tileZoom)._round());
  },
});

export function baseMap() {
  if (!boot.tiles) return null;
  const options = { pane: "tiles", maxZoom: 19, maxNativeZoom: boot.tiles.max_zoom, attribution: boot.tiles.attribution };
  return new ShiftedTiles(boot.tiles.url, options);
}

export function shiftMetres() {
  return boot.tiles ? map.distance(boot.tiles.at, boot.tiles.there) : 0;
}
