"""Operators that an uploaded verifier may use: those of image networks, without branches."""

OPERATORS = frozenset(
    {
        # convolution, pooling, resampling
        *("AveragePool", "Conv", "ConvTranspose", "DepthToSpace", "GlobalAveragePool", "GlobalLpPool"),
        *("GlobalMaxPool", "LpPool", "MaxPool", "Pad", "Resize", "SpaceToDepth", "Upsample"),
        # normalisation
        *("BatchNormalization", "GroupNormalization", "InstanceNormalization", "LRN", "LayerNormalization"),
        *("LpNormalization", "MeanVarianceNormalization", "RMSNormalization"),
        # activation
        *("Celu", "Clip", "Elu", "Erf", "Gelu", "HardSigmoid", "HardSwish", "LeakyRelu", "LogSoftmax", "Mish"),
        *("PRelu", "Relu", "Selu", "Sigmoid", "Softmax", "Softplus", "Softsign", "Swish", "Tanh", "ThresholdedRelu"),
        # arithmetic
        *("Abs", "Add", "Ceil", "Cos", "Div", "Exp", "Floor", "Log", "Max", "Mean", "Min", "Mod", "Mul", "Neg"),
        *("Pow", "Reciprocal", "Round", "Sign", "Sin", "Sqrt", "Sub", "Sum"),
        # matrices and reductions
        *("CumSum", "Einsum", "Gemm", "MatMul", "ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceMax", "ReduceMean"),
        *("ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"),
        # shape and choice
        *("And", "ArgMax", "ArgMin", "Cast", "CastLike", "Concat", "Constant", "ConstantOfShape", "Dropout", "Equal"),
        *("Expand", "Flatten", "Gather", "GatherElements", "Greater", "GreaterOrEqual", "Identity", "Less"),
        *("LessOrEqual", "Not", "Or", "Range", "Reshape", "Shape", "Size", "Slice", "Split", "Squeeze", "Tile"),
        *("TopK", "Transpose", "Unsqueeze", "Where", "Xor"),
        # quantised networks
        *("DequantizeLinear", "DynamicQuantizeLinear", "QuantizeLinear", "QLinearConv", "QLinearMatMul"),
        *("ConvInteger", "MatMulInteger"),
    }
)
RANDOM = frozenset(
    {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}
)
