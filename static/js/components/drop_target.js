// @ts-check
/** Files from anywhere: dropped on the page, pasted, or chosen in any of the page's pickers. */

/**
 * @param {object} options
 * @param {HTMLElement} options.veil shown while files hang over the page
 * @param {Iterable<HTMLInputElement>} options.pickers
 * @param {(files: File[]) => void} options.onFiles
 */
export function acceptFiles({ veil, pickers, onFiles }) {
  let depth = 0;
  const end = () => {
    depth = 0;
    veil.hidden = true;
  };
  document.addEventListener("dragenter", (event) => {
    if (!hasFiles(event.dataTransfer)) return;
    depth += 1;
    veil.hidden = false;
  });
  document.addEventListener("dragleave", () => {
    depth -= 1;
    if (depth <= 0) end();
  });
  document.addEventListener("dragover", (event) => {
    if (hasFiles(event.dataTransfer)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    end();
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    onFiles(files);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    onFiles(files);
  });
  for (const picker of pickers) takePicked(picker, onFiles);
}

/**
 * Files from one picker, also those that were chosen before this script had loaded.
 * @param {HTMLInputElement} picker
 * @param {(files: File[]) => void} onFiles
 */
export function takePicked(picker, onFiles) {
  const take = () => {
    const files = [...(picker.files ?? [])];
    picker.value = "";
    if (files.length) onFiles(files);
  };
  picker.addEventListener("change", take);
  take();
}

/** @param {DataTransfer | null} transfer */
function hasFiles(transfer) {
  return Boolean(transfer?.types.includes("Files"));
}
