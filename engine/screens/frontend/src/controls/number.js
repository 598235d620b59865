// Numbers: separators come when the field is left and go when it is entered; full-width digits are taken as typed in Chinese.
const FULL = "０１２３４５６７８９．，－−％";
const HALF = "0123456789.,--%";

const SEPARATED = /^\D*[1-9]\d{0,2}([,\s])\d{3}(?:\1\d{3})*(?!\d|[,\s]\d)/;

// A number without its separators. Where they do not stand every three digits, 1,5 say, it is left as it is: the server says why.
export const plain = (typed) => {
  const text = [...typed.trim()].map((char) => (FULL.includes(char) ? HALF[FULL.indexOf(char)] : char)).join("");
  return SEPARATED.test(text) || !/\d[,\s]+\d|,/.test(text) ? text.replace(/[,\s]/g, "") : text;
};

export const grouped = (number) => {
  const match = /^(-?)(\d+)(\.\d*)?(%?)$/.exec(number);
  if (!match) return null;
  return match[1] + match[2].replace(/\B(?=(\d{3})+(?!\d))/g, ",") + (match[3] ?? "") + match[4];
};

export const attachNumber = (input) => {
  if (document.activeElement !== input) input.value = grouped(plain(input.value)) ?? input.value;
  input.addEventListener("focus", () => {
    const bare = plain(input.value);
    if (grouped(bare) !== null && input.value !== bare) {
      input.value = bare;
      input.select();
    }
  });
  // A bare number from one on means hundredths: the sign is put behind it. Below one it is the share itself, as everywhere: 0.5 is a half.
  if (input.dataset.control === "percent") {
    input.addEventListener("change", () => {
      const bare = plain(input.value);
      if (/^-?\d+(\.\d+)?$/.test(bare) && Math.abs(Number(bare)) >= 1) input.value = `${bare}%`;
    });
  }
  input.addEventListener("blur", () => {
    const shown = grouped(plain(input.value));
    if (shown !== null) input.value = shown;
  });
};
