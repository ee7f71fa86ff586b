"""One family of errors: everything `inference` raises on purpose is an `InferenceError`.

Every error carries a sentence a seller understands (`str(error)`) and a stable `code` that the
wire, the API and the logs use. Nothing here knows HTTP.
"""


class InferenceError(Exception):
    """Something the engine could not do, said in a seller's words."""

    code = "inference_failed"
    # True when the same request may succeed on another attempt (another process, more memory).
    is_worth_retrying = False


class PhotoUnreadable(InferenceError):
    """The bytes are not a picture this engine can decode, or they end too early."""

    code = "photo_unreadable"


class PhotoTooSmall(InferenceError):
    """The photo has fewer pixels than a picture can be made of."""

    code = "photo_too_small"


class PhotoTooLarge(InferenceError):
    """The photo has more pixels than the engine may decode."""

    code = "photo_too_large"


class PhotoAnimated(InferenceError):
    """The file holds several frames; only still pictures are accepted."""

    code = "photo_animated"


class StyleUnknown(InferenceError):
    """No style of that name is installed."""

    code = "style_unknown"


class ParameterInvalid(InferenceError):
    """A style parameter is unknown, of the wrong type or out of its range.

    Attributes:
        parameter: the name of the offending parameter.
    """

    code = "parameter_invalid"

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter

    def __reduce__(self) -> tuple[type["ParameterInvalid"], tuple[str, str]]:
        return (type(self), (self.parameter, str(self)))


class ShapeMismatch(InferenceError):
    """Two arrays that must have the same height and width do not."""

    code = "shape_mismatch"


class RenderCancelled(InferenceError):
    """The caller's `is_cancelled` said yes between two stages."""

    code = "cancelled"


class DeviceUnavailable(InferenceError):
    """The device asked for is not there; the engine never takes another one silently."""

    code = "device_unavailable"


class OutOfMemory(InferenceError):
    """The device's memory was not enough, even for a batch of one."""

    code = "out_of_memory"
    is_worth_retrying = True


class WeightsMissing(InferenceError):
    """A network's weights are not installed; the message says the command that fetches them."""

    code = "weights_missing"


class WeightsCorrupt(InferenceError):
    """A weights file does not have the sha256 the registry demands; it is never loaded."""

    code = "weights_corrupt"


class EngineDied(InferenceError):
    """The engine process ended while it held this request; another attempt may succeed."""

    code = "engine_died"
    is_worth_retrying = True


class EngineOverloaded(InferenceError):
    """The engine is not ready or its pipe is full; try again shortly."""

    code = "engine_overloaded"
    is_worth_retrying = True


class StageFailed(InferenceError):
    """A stage failed for a reason nobody foresaw; the cause is chained and logged, not shown."""

    code = "stage_failed"
    is_worth_retrying = True

    def __init__(self, stage: str) -> None:
        super().__init__(f"The {stage} step failed unexpectedly.")
        self.stage = stage

    def __reduce__(self) -> tuple[type["StageFailed"], tuple[str]]:
        return (type(self), (self.stage,))


class NothingLeft(InferenceError):
    """Corrections have erased the whole product."""

    code = "nothing_left"


class NothingHelps(InferenceError):
    """Every step of an enhancement was refused; the message says each one's reason."""

    code = "nothing_helps"


class PlateMissing(InferenceError):
    """No plate of that name is installed."""

    code = "plate_missing"


class PlateInvalid(InferenceError):
    """A plate's files break the format; the message says which file, where and why."""

    code = "plate_invalid"


class GarmentUnreadable(InferenceError):
    """The photo does not show a garment that lies flat, or not one that can be draped."""

    code = "garment_unreadable"
