//! Weights in a form that the processor's vector units can multiply.

use std::io::{Cursor, Read, Seek};

use candle_core::quantized::gguf_file::{self, Content};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Result};

/// Forms without a vector kernel in the tensor library: `Q8_0` takes more memory and is several times as fast.
const SLOW: [GgmlDType; 3] = [GgmlDType::Q4_1, GgmlDType::Q5_0, GgmlDType::Q5_1];

/// Whether any weight of the file is in a slow form.
pub(crate) fn is_worthwhile(content: &Content) -> bool {
    content.tensor_infos.values().any(|info| SLOW.contains(&info.ggml_dtype))
}

/// The same model, as a file in memory, with its slow weights as `Q8_0`.
pub(crate) fn to_q8_0<R: Read + Seek>(content: &Content, file: &mut R) -> Result<Cursor<Vec<u8>>> {
    let mut tensors: Vec<(&str, QTensor)> = Vec::with_capacity(content.tensor_infos.len());
    for (name, info) in &content.tensor_infos {
        let tensor = content.tensor(file, name, &Device::Cpu)?;
        let tensor = if SLOW.contains(&info.ggml_dtype) {
            QTensor::quantize(&tensor.dequantize(&Device::Cpu)?, GgmlDType::Q8_0)?
        } else {
            tensor
        };
        tensors.push((name.as_str(), tensor));
    }
    // The tokenizer and the template are read from the first file; the copy needs the model's measures alone.
    let metadata: Vec<_> = content
        .metadata
        .iter()
        .filter(|(key, _)| !key.starts_with("tokenizer."))
        .map(|(key, value)| (key.as_str(), value))
        .collect();
    let tensors: Vec<_> = tensors.iter().map(|(name, tensor)| (*name, tensor)).collect();
    let mut copy = Cursor::new(Vec::new());
    gguf_file::write(&mut copy, &metadata, &tensors)?;
    copy.set_position(0);
    Ok(copy)
}
