"""Writes DICOM files with pydicom 3, an implementation that shares nothing with vellus.

python3 samples/dicom/make.py samples/clipped.jpg samples/dicom
    makes the two files that are kept here, and detail.png.
python3 samples/dicom/make.py samples/clipped.jpg FOLDER --all
    makes one file per transfer syntax and colour, and the PNG of the pixels that each must give; needs Pillow and numpy,
    and for some syntaxes python-gdcm or pyjpegls.
"""

import io
import pathlib
import sys

import numpy
import pydicom
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEG2000, JPEG2000Lossless,
    JPEGBaseline8Bit, JPEGLosslessSV1, JPEGLSLossless, RLELossless, DeflatedExplicitVRLittleEndian,
)

# VL Photographic Image Storage.
PHOTO = "1.2.840.10008.5.1.4.1.1.77.1.4"


def dataset(width, height, syntax, colour="RGB", bits=8, frames=1):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = PHOTO
    meta.MediaStorageSOPInstanceUID = "2.25.1"
    meta.TransferSyntaxUID = syntax
    ds = Dataset()
    ds.file_meta = meta
    ds.SOPClassUID, ds.SOPInstanceUID = PHOTO, "2.25.1"
    ds.Modality = "XC"
    ds.PatientName, ds.PatientID = "Nobody^Drawn", "0"
    ds.Rows, ds.Columns = height, width
    ds.SamplesPerPixel = 1 if colour in ("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR") else 3
    ds.PhotometricInterpretation = colour
    if ds.SamplesPerPixel == 3:
        ds.PlanarConfiguration = 0
    ds.BitsAllocated = 8 if bits <= 8 else 16
    ds.BitsStored, ds.HighBit, ds.PixelRepresentation = bits, bits - 1, 0
    ds.PixelSpacing = [0.005, 0.005]
    if frames > 1:
        ds.NumberOfFrames = frames
    return ds


def save(ds, data, path, padded=True):
    ds.PixelData = data + b"\0" * (len(data) % 2 if padded else 0)
    # Pixels of eight bits are OB where the syntax lets one choose.
    ds["PixelData"].VR = "OW" if ds.BitsAllocated > 8 or ds.file_meta.TransferSyntaxUID == ImplicitVRLittleEndian else "OB"
    # Its own encoding follows from the transfer syntax.
    ds.save_as(path, enforce_file_format=True)


def ycc(rgb):
    """Full-range BT.601, as DICOM defines YBR_FULL."""
    r, g, b = (rgb[..., i].astype(float) for i in range(3))
    y = 0.299 * r + 0.587 * g + 0.114 * b
    cb = -0.1687 * r - 0.3313 * g + 0.5 * b + 128
    cr = 0.5 * r - 0.4187 * g - 0.0813 * b + 128
    return numpy.clip(numpy.rint(numpy.stack([y, cb, cr], -1)), 0, 255).astype(numpy.uint8)


def kept(jpeg, out):
    whole = jpeg.read_bytes()
    width, height = Image.open(io.BytesIO(whole)).size
    ds = dataset(width, height, JPEGBaseline8Bit, "YBR_FULL_422")
    ds.LossyImageCompression = "01"
    ds.PixelData = encapsulate([whole])
    ds["PixelData"].VR = "OB"
    ds.save_as(out / "clipped.dcm", enforce_file_format=True)
    detail = numpy.asarray(Image.open(jpeg).convert("RGB"))[200:360, 200:380]
    save(dataset(180, 160, ExplicitVRLittleEndian), detail.tobytes(), out / "detail.dcm")
    Image.fromarray(detail).save(out / "detail.png", optimize=True)


def every(jpeg, out):
    rgb = numpy.asarray(Image.open(jpeg).convert("RGB"))
    height, width = rgb.shape[:2]
    png = lambda name, pixels: Image.fromarray(pixels).save(out / f"{name}.png")

    def case(name, syntax, data=None, pixels=rgb, colour="RGB", **more):
        ds = dataset(width, height, syntax, colour, more.pop("bits", 8), more.pop("frames", 1))
        for key, value in more.items():
            setattr(ds, key, value)
        save(ds, data if data is not None else rgb.tobytes(), out / f"{name}.dcm")
        png(name, pixels)

    case("explicit-le", ExplicitVRLittleEndian)
    case("implicit-le", ImplicitVRLittleEndian)
    case("explicit-be", ExplicitVRBigEndian)
    case("deflated", DeflatedExplicitVRLittleEndian)
    case("planar", ExplicitVRLittleEndian, rgb.transpose(2, 0, 1).tobytes(), PlanarConfiguration=1)
    grey = numpy.asarray(Image.open(jpeg).convert("L"))
    case("grey", ExplicitVRLittleEndian, grey.tobytes(), grey, "MONOCHROME2")
    case("grey-inverted", ExplicitVRLittleEndian, (255 - grey).tobytes(), grey, "MONOCHROME1")
    twelve = (grey.astype(numpy.uint32) * 4095 + 127) // 255
    deep = ((twelve * 65535 + 2047) // 4095).astype(numpy.uint16)
    case("grey-12-bit", ExplicitVRLittleEndian, twelve.astype("<u2").tobytes(), deep, "MONOCHROME2", bits=12)
    case("two-frames", ExplicitVRLittleEndian, rgb.tobytes() + rgb[::-1].tobytes(), frames=2)

    few = Image.open(jpeg).convert("RGB").quantize(256)
    table = numpy.array(few.getpalette(), numpy.uint16).reshape(-1, 3)
    ds = dataset(width, height, ExplicitVRLittleEndian, "PALETTE COLOR")
    for channel, name in enumerate(("Red", "Green", "Blue")):
        setattr(ds, f"{name}PaletteColorLookupTableDescriptor", [len(table), 0, 16])
        setattr(ds, f"{name}PaletteColorLookupTableData", (table[:, channel] * 257).astype("<u2").tobytes())
    save(ds, numpy.asarray(few).tobytes(), out / "palette.dcm")
    png("palette", numpy.asarray(few.convert("RGB")))

    ybr = ycc(rgb)
    save(dataset(width, height, ExplicitVRLittleEndian, "YBR_FULL"), ybr.tobytes(), out / "ybr-full.dcm")
    png("ybr-full", rgb)  # to a level or two

    def compressed(name, syntax, how=None):
        ds = dataset(width, height, ExplicitVRLittleEndian)
        ds.PixelData = rgb.tobytes()
        ds["PixelData"].VR = "OB"
        try:
            ds.compress(syntax, generate_instance_uid=False, **(how or {}))
        except Exception as error:
            print(name, "not written:", error)
            return
        ds.save_as(out / f"{name}.dcm", enforce_file_format=True)
        png(name, rgb)

    compressed("rle", RLELossless)
    compressed("jpeg-ls", JPEGLSLossless)

    def encapsulated(name, syntax, frames, colour, pixels):
        ds = dataset(width, height, syntax, colour, frames=len(frames))
        ds.PixelData = encapsulate(frames)
        ds["PixelData"].VR = "OB"
        ds.save_as(out / f"{name}.dcm", enforce_file_format=True)
        png(name, pixels)

    def encoded(form, **options):
        stream = io.BytesIO()
        Image.fromarray(rgb).save(stream, form, **options)
        return stream.getvalue()

    j2k = encoded("JPEG2000", irreversible=False, no_jp2=True, mct=1)
    encapsulated("jpeg2000-lossless", JPEG2000Lossless, [j2k], "YBR_RCT", rgb)
    lossy = encoded("JPEG2000", irreversible=True, no_jp2=True, mct=1, quality_mode="rates", quality_layers=[8])
    encapsulated("jpeg2000", JPEG2000, [lossy], "YBR_ICT", numpy.asarray(Image.open(io.BytesIO(lossy)).convert("RGB")))
    whole = jpeg.read_bytes()
    encapsulated("jpeg", JPEGBaseline8Bit, [whole], "YBR_FULL_422", rgb)
    other = encoded("JPEG", quality=50)
    encapsulated("jpeg-two-frames", JPEGBaseline8Bit, [whole, other], "YBR_FULL_422", rgb)
    plain = encoded("JPEG", quality=95, keep_rgb=True)
    encapsulated("jpeg-rgb", JPEGBaseline8Bit, [plain], "RGB", numpy.asarray(Image.open(io.BytesIO(plain)).convert("RGB")))
    try:
        import gdcm

        writer, reader = gdcm.ImageWriter(), gdcm.ImageReader()
        reader.SetFileName(str(out / "explicit-le.dcm"))
        assert reader.Read()
        change = gdcm.ImageChangeTransferSyntax()
        change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGLosslessProcess14_1))
        change.SetInput(reader.GetImage())
        assert change.Change()
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        writer.SetFileName(str(out / "jpeg-lossless.dcm"))
        assert writer.Write()
        png("jpeg-lossless", rgb)
    except ImportError:
        print("jpeg-lossless not written: needs python-gdcm")


if __name__ == "__main__":
    source, folder = map(pathlib.Path, sys.argv[1:3])
    (every if "--all" in sys.argv else kept)(source, folder)
    print("pydicom", pydicom.__version__)
