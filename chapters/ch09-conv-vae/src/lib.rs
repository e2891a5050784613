//! Chapter 9: the convolutional VAE.
