//! The one thread that computes an answer.

use rayon::ThreadPoolBuilder;

use crate::error::{ModelError, one_line};

/// Runs `work` as a pool of one thread. The tensor library gives rows of its operations to the pool that it is called in; called from
/// outside of any, it would change threads and wait some thirty times for each token, and answers would wait for each other there.
pub(crate) fn on_one_thread<T: Send>(work: impl FnOnce() -> Result<T, ModelError> + Send) -> Result<T, ModelError> {
    let pool = ThreadPoolBuilder::new().num_threads(1).thread_name(|_| "model".to_owned()).build();
    pool.map_err(|error| ModelError::Failed(one_line(&error.to_string())))?.install(work)
}
