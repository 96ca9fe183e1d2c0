"""Lines of Python that rejections print. Tests run each of them."""

SAVE_WEIGHTS = """In the environment that trained the model:
    from safetensors.torch import save_file
    model.eval()
    state = model.state_dict()
    save_file({k: v.clone().contiguous() for k, v in state.items()}, "model.safetensors")"""
SAVE_AGAIN = """If you trust the file, save it again:
    import torch
    saved = torch.load("model.pt", map_location="cpu", weights_only=True)
    torch.save(saved, "model-new.pt")"""
WEIGHTS_ALONE = """If you trust the file, save its weights alone:
    import argparse, pathlib, numpy, torch
    scalar, types = numpy._core.multiarray.scalar, numpy.dtypes
    harmless = [argparse.Namespace, pathlib.PosixPath, numpy.dtype, scalar, (scalar, "numpy.core.multiarray.scalar")]
    harmless += [types.Float64DType, types.Float32DType, types.Int64DType, types.Int32DType, types.BoolDType]
    with torch.serialization.safe_globals(harmless):
        saved = torch.load("model.pt", map_location="cpu", weights_only=True)
    def weights(value):
        return isinstance(value, dict) and value and all(isinstance(v, torch.Tensor) for v in value.values())
    torch.save({key: value for key, value in saved.items() if weights(value)}, "model-new.pt")"""
EXPORT = """In the environment that trained the model, with `images`, a batch of its inputs:
    import torch
    batch = ({0: torch.export.Dim("batch")},)
    torch.onnx.export(model.eval(), (images,), "model.onnx", external_data=False, dynamic_shapes=batch)"""
INTO_ONE_FILE = """Put the weights into the file (`exhume release upload` does it, too):
    import onnx
    onnx.save(onnx.load("model.onnx"), "one-file.onnx")"""
_EACH_IMAGE = """\
    import io, numpy, zipfile
    from PIL import Image
    with zipfile.ZipFile("images.zip") as old, zipfile.ZipFile("images-new.zip", "w") as new:
        for name in old.namelist():"""
AS_PNG = f"""To convert all images, and to leave out those that cannot be read:
{_EACH_IMAGE}
            try:
                image = Image.open(io.BytesIO(old.read(name)))
                if image.mode.startswith("I"):
                    image = Image.fromarray((numpy.asarray(image) // 257).astype("uint8"))
                image = image.convert("L" if image.mode in ("1", "L") else "RGB")
            except OSError:
                continue
            image.save(data := io.BytesIO(), "PNG")
            new.writestr(name.rpartition(".")[0] + ".png", data.getvalue())"""
ONE_SIZE = f"""To scale all of them:
{_EACH_IMAGE}
            image = Image.open(io.BytesIO(old.read(name))).convert("RGB").resize(({{width}}, {{height}}))
            image.save(data := io.BytesIO(), "PNG")
            new.writestr(name.rpartition(".")[0] + ".png", data.getvalue())"""
FLATTENED = """Put the images of each identity into one folder:
    import zipfile
    with zipfile.ZipFile("images.zip") as old, zipfile.ZipFile("images-new.zip", "w") as new:
        for name in old.namelist():
            if not name.endswith("/"):
                identity, _, rest = name.partition("/")
                new.writestr(f"{identity}/{rest.replace('/', '-')}", old.read(name))"""
WITHOUT_STRANGERS = """To leave them out:
    import zipfile
    with zipfile.ZipFile("images.zip") as old, zipfile.ZipFile("images-new.zip", "w") as new:
        known = {name.split("/")[-2] for name in old.namelist() if "train/" in name and not name.endswith("/")}
        for name in old.namelist():
            if not name.endswith("/") and name.split("/")[-2] in known:
                new.writestr(name, old.read(name))"""
AS_ZIP = """Pack it as ZIP:
    import tarfile, zipfile
    with tarfile.open("images.tar.gz") as old, zipfile.ZipFile("images-new.zip", "w") as new:
        for entry in old:
            if entry.isfile():
                new.writestr(entry.name, old.extractfile(entry).read())"""
AS_NPZ = """Save the array, and labels if there are any, as .npz:
    import numpy
    numpy.savez("images-new.npz", images=numpy.load("images.npy"))"""
NPZ_OF_BYTES = """Convert it once:
    import numpy
    arrays = dict(numpy.load("images.npz", allow_pickle=False))
    arrays["images"] = (arrays["images"] // 257).astype("uint8")
    numpy.savez("images-new.npz", **arrays)"""
NPZ_WITHOUT_OBJECTS = """If you trust the file, save it again:
    import numpy
    arrays = dict(numpy.load("images.npz", allow_pickle=True))
    plain = {name: numpy.array(array.tolist()) if array.dtype == object else array for name, array in arrays.items()}
    numpy.savez("images-new.npz", **plain)"""
