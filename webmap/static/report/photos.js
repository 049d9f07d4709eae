export const drawPhotos = () => {};
export const startPhotos = () => {};
